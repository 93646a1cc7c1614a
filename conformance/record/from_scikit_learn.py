"""scikit-learn: in-sample linear regression, canonical correlations by iteration, variances by PCA."""

import warnings

import numpy as np
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from recorder import Recorder, cases

recorder = Recorder("scikit-learn", __file__)


def participation_ratio(a):
    variances = PCA(svd_solver="full").fit(a).explained_variance_
    return variances.sum() ** 2 / (variances**2).sum()


for case, x, y in cases():
    for swapped, (source, target) in enumerate([(x, y), (y, x)]):
        predicted = LinearRegression().fit(source, target).predict(source)
        recorder.add(
            case,
            "linear-regression",
            r2_score(target, predicted, multioutput="variance_weighted"),
            swapped=bool(swapped),
        )
        if np.all(target.std(axis=0) > 0):
            recorder.add(
                case,
                "linear-regression",
                r2_score(target, predicted),
                swapped=bool(swapped),
                note="r2_score averages the neurons with equal weight by default; ours weights by variance",
            )
    recorder.add(case, "participation-ratio", abs(participation_ratio(x) - participation_ratio(y)))

    m = min(x.shape[1], y.shape[1])
    if len(x) > x.shape[1] + y.shape[1] and np.linalg.matrix_rank(x) == x.shape[1]:
        with warnings.catch_warnings(action="error"):
            try:
                a, b = CCA(n_components=m, max_iter=100_000, tol=1e-14).fit_transform(x, y)
            except Warning:  # a constant neuron, or no convergence: no value to record
                continue
        rho = [np.corrcoef(a[:, i], b[:, i])[0, 1] for i in range(m)]
        recorder.add(case, "cca", np.mean(rho), tolerance_floor=1e-5)
recorder.write()
