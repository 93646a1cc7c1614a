"""rsatoolbox: its kinds of dissimilarities and comparators. Its `euclidean` and `mahalanobis` are squared and divided by
the number of neurons, a factor that cancels; its `mahalanobis` takes a precision matrix."""

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare

from recorder import Recorder, cases

COMPARATORS = {
    "pearson": "corr",
    "spearman": "spearman",
    "kendall-a": "tau-a",
    "kendall-b": "kendall",
    "rho-a": "rho-a",
    "cosine": "cosine",
    "cosine-cov": "cosine_cov",
    "corr-cov": "corr_cov",
    "bures": "bures",
}
RDMS = {"squared-euclidean": "euclidean", "correlation": "correlation", "poisson": "poisson"}

recorder = Recorder("rsatoolbox", __file__)
for case, x, y in cases():
    if len(x) > 60:  # its whitening matrix has n⁴/4 entries
        continue
    for rdm, name in RDMS.items():
        if name == "poisson" and min(x.min(), y.min()) < 0:
            continue
        if name == "correlation" and x.shape[1] == 1:
            continue
        a, b = (calc_rdm(Dataset(np.array(m)), method=name) for m in (x, y))
        for comparator, method in COMPARATORS.items():
            if name == "poisson" and comparator not in ("pearson", "rho-a"):
                continue
            value = compare(a, b, method=method).item()
            label = f"rsa(rdm={rdm}, comparator={comparator})"
            recorder.add(case, label, value, tolerance_floor=1e-6 if method.endswith(("cov", "bures")) else 0.0)
            if rdm == "squared-euclidean" and comparator == "cosine-cov":
                recorder.add(case, "cka(estimator=gretton)", value, tolerance_floor=1e-6)
            if rdm == "squared-euclidean" and comparator == "bures":
                recorder.add(case, "nbs", value, tolerance_floor=1e-6)
        if rdm == "squared-euclidean" and len(x) <= min(x.shape[1], y.shape[1]):
            recorder.add(
                case,
                "rsa(rdm=squared-euclidean, comparator=neg-riem)",
                compare(a, b, method="neg_riem_dist").item(),
                note="its search stops before the minimum",
                tolerance_floor=1e-6,
            )
    precisions = [np.linalg.pinv(np.cov(m, rowvar=False).reshape(m.shape[1], -1)) for m in (x, y)]
    a, b = (calc_rdm(Dataset(np.array(m)), method="mahalanobis", noise=p) for m, p in zip((x, y), precisions))
    for comparator in ("pearson", "rho-a"):
        value = compare(a, b, method=COMPARATORS[comparator]).item()
        recorder.add(case, f"rsa(rdm=mahalanobis, comparator={comparator})", value)
recorder.write()
