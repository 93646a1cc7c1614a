"""scikit-learn: in-sample linear regression, canonical correlations by iteration, variances by PCA, nearest neighbours
and trustworthiness, the Gaussian kernel, and what classifiers are compared by."""

import warnings

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.manifold import trustworthiness
from sklearn.metrics import cohen_kappa_score, r2_score, zero_one_loss
from sklearn.metrics.pairwise import paired_euclidean_distances, paired_manhattan_distances, rbf_kernel
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import KernelCenterer, normalize

from outputs import softmax
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

K = 10
for case, x, y in cases():
    for metric in ("euclidean", "cosine"):
        options = "" if metric == "cosine" else f"(metric={metric})"
        lists = [
            NearestNeighbors(n_neighbors=K, metric=metric, algorithm="brute").fit(m).kneighbors(return_distance=False)
            for m in (x, y)
        ]
        shared = np.array([len(np.intersect1d(a, b)) for a, b in zip(*lists)])
        recorder.add(case, f"mutual-knn{options}", shared.mean() / K)
        recorder.add(case, f"knn-jaccard{options}", (shared / (2 * K - shared)).mean())
    recorder.add(case, "trustworthiness", trustworthiness(x, y, n_neighbors=K))
    recorder.add(case, "trustworthiness(of=continuity)", trustworthiness(y, x, n_neighbors=K))
    # It measures the second side by Euclidean distance whatever the metric: of unit vectors, that is the cosine's order.
    by_cosine = trustworthiness(x, normalize(y), n_neighbors=K, metric="cosine")
    recorder.add(case, "trustworthiness(metric=cosine)", by_cosine, note="leaves equal cosines in any order")

    n = len(x)
    k, l = (rbf_kernel(m, gamma=1 / (2 * np.median(pdist(m)) ** 2)) for m in (x, y))
    k, l = (KernelCenterer().fit_transform(m) for m in (k, l))
    recorder.add(case, "hsic(kernel=rbf, estimator=gretton)", (k * l).sum() / (n - 1) ** 2)
    value = (k * l).sum() / (np.linalg.norm(k) * np.linalg.norm(l))
    recorder.add(case, "cka(kernel=rbf, estimator=gretton)", value)

    if x.shape[1] == y.shape[1]:
        a, b = x.argmax(axis=1), y.argmax(axis=1)
        recorder.add(case, "cohen-kappa", cohen_kappa_score(a, b) if x.shape[1] > 1 else np.nan)
        recorder.add(case, "disagreement", zero_one_loss(a, b))
        p, q = softmax(x), softmax(y)
        recorder.add(case, "softmax-difference", paired_manhattan_distances(p, q).mean() / 2)
        recorder.add(case, "softmax-difference(norm=l2)", paired_euclidean_distances(p, q).mean())
        recorder.add(case, "softmax-difference(norm=squared)", (paired_euclidean_distances(p, q) ** 2).mean())
recorder.write()
