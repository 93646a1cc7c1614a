"""Measures of nearest neighbours and of distances, from their papers: every distance formed, every list sorted."""

import numpy as np
from scipy.spatial.distance import pdist, squareform

from undefined import Undefined

K = 10


def distances(a, metric):
    if metric == "cosine":
        if a.shape[1] == 1:  # every input points one way or the other: the lists are ties
            raise Undefined
        a = a / np.linalg.norm(a, axis=1, keepdims=True)
        if not np.isfinite(a).all():
            raise Undefined
    return squareform(pdist(a))


def ranked(a, metric):
    """For every input all others, the nearest first, the lower index first where they are equally far."""
    d = distances(a, metric).round(12)
    np.fill_diagonal(d, np.inf)
    return d.argsort(axis=1, kind="stable")[:, :-1]


def overlap(metric, share):
    def value(x, y):
        return np.mean([share(set(a), set(b)) for a, b in zip(ranked(x, metric)[:, :K], ranked(y, metric)[:, :K])])

    return value


def kept(a, b):
    """Huh et al. 2024."""
    return len(a & b) / K


def jaccard(a, b):
    """Schumacher et al. 2021."""
    return len(a & b) / len(a | b)


def trustworthiness(metric, continuity=False):
    """Venna & Kaski 2001: intruders cost the rank that they have on the other side."""

    def value(x, y):
        if continuity:
            x, y = y, x
        n = len(x)
        if n <= 2 * K:
            raise Undefined
        cost = 0
        for order, near in zip(ranked(x, metric), ranked(y, metric)[:, :K]):
            rank = {j: at + 1 for at, j in enumerate(order)}
            cost += sum(max(rank[j] - K, 0) for j in near)
        return 1 - 2 / (n * K * (2 * n - 3 * K - 1)) * cost

    return value


def u_centred(d):
    n = len(d)
    rows = d.sum(axis=1)
    u = d - rows[:, None] / (n - 2) - rows / (n - 2) + d.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(u, 0)
    return u


def double_centred(d):
    return d - d.mean(axis=0) - d.mean(axis=1, keepdims=True) + d.mean()


def distance_correlation(centring):
    """Székely, Rizzo & Bakirov 2007; Székely & Rizzo 2013: the latter a square."""

    def value(x, y):
        a, b = (centring(distances(m, "euclidean")) for m in (x, y))
        cosine = (a * b).sum() / (np.linalg.norm(a) * np.linalg.norm(b))
        return cosine if centring is u_centred else np.sqrt(cosine)

    return value


def gaussian(a):
    """The Gaussian kernel at the median distance."""
    d = pdist(a)
    return np.exp(-squareform(d) ** 2 / (2 * np.median(d) ** 2))


MEASURES = {
    "mutual-knn": overlap("cosine", kept),
    "mutual-knn(metric=euclidean)": overlap("euclidean", kept),
    "knn-jaccard": overlap("cosine", jaccard),
    "knn-jaccard(metric=euclidean)": overlap("euclidean", jaccard),
    "trustworthiness": trustworthiness("euclidean"),
    "trustworthiness(of=continuity)": trustworthiness("euclidean", continuity=True),
    "trustworthiness(metric=cosine)": trustworthiness("cosine"),
    "dcor": distance_correlation(u_centred),
    "dcor(estimator=biased)": distance_correlation(double_centred),
}
