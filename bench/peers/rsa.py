"""RSA: dissimilarities 1 − Pearson's correlation over the neurons, compared by Spearman's correlation.

With numpy and scipy as one would write it for speed: standardised rows, one symmetric product a side in the stored
precision, ranks of the upper triangle. `scipy-pdist` takes the distances from scipy as well. rsatoolbox is called as its
documentation shows.
"""

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import rankdata, spearmanr


def dissimilarities(x):
    x = x - x.mean(axis=1, keepdims=True)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return 1 - (x @ x.T)[np.triu_indices(len(x), 1)]


def numpy_rsa(x, y):
    u, v = (rankdata(dissimilarities(side)) for side in (x, y))
    u -= u.mean()
    v -= v.mean()
    return u @ v / np.sqrt((u @ u) * (v @ v))


def scipy_rsa(x, y):
    return spearmanr(pdist(x, "correlation"), pdist(y, "correlation")).statistic


def rsatoolbox_rsa(x, y):
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm, compare

    u, v = (calc_rdm(Dataset(side), method="correlation") for side in (x, y))
    return compare(u, v, method="spearman").item()


IMPLEMENTATIONS = {
    "rsa-spearman": {"numpy-rankdata": numpy_rsa, "scipy-pdist": scipy_rsa, "rsatoolbox": rsatoolbox_rsa},
}
