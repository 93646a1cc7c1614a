"""Measures of dissimilarities between inputs, from their papers: every pair of inputs by itself, every Gram matrix formed."""

import numpy as np
import scipy.linalg
import scipy.optimize

from undefined import Undefined


def centred(a):
    a = a - a.mean(axis=0)
    return a - a.mean(axis=0)


def basis(a):
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    return u[:, s > max(a.shape) * np.finfo(float).eps * s[0]]


def double_centred(k):
    h = np.eye(len(k)) - 1 / len(k)
    return h @ k @ h


def nuclear(x, y):
    return np.linalg.svd(centred(x).T @ centred(y), compute_uv=False).sum()


# Dissimilarities of all pairs of inputs, i < j (Kriegeskorte, Mur & Bandettini 2008; Schütt et al. 2023).


def pairs(x):
    return np.triu_indices(len(x), 1)


def squared_distances(x):
    return np.array([((x[i] - x[j]) ** 2).sum() for i, j in zip(*pairs(x))])


def cosines(x):
    norms = np.sqrt((x * x).sum(axis=1))
    if (norms == 0).any():
        raise Undefined
    return (x @ x.T / np.outer(norms, norms))[pairs(x)]


def correlations_of_inputs(x):
    if x.shape[1] < 2:
        raise Undefined
    return cosines(x - x.mean(axis=1, keepdims=True))


def mahalanobis(x):
    if basis(centred(x)).shape[1] >= len(x) - 1:
        raise Undefined
    return squared_distances(basis(centred(x)))


def poisson(x):
    if (x < 0).any():
        raise Undefined
    rates = (x + 0.1) / 1.1
    return np.array([((rates[i] - rates[j]) * np.log(rates[i] / rates[j])).sum() for i, j in zip(*pairs(x))])


RDMS = {
    "euclidean": lambda x: np.sqrt(squared_distances(x)),
    "squared-euclidean": squared_distances,
    "cosine": lambda x: 1 - cosines(x),
    "correlation": lambda x: 1 - correlations_of_inputs(x),
    "mahalanobis": mahalanobis,
    "gaussian": lambda x: 1 - np.exp(-squared_distances(x) / squared_distances(x).mean()),
    "poisson": poisson,
}


def cosine_of(u, v):
    return (u * v).sum() / np.sqrt((u * u).sum() * (v * v).sum())


def gram_of(u):
    """−½ H D H."""
    n = round((1 + np.sqrt(1 + 8 * len(u))) / 2)
    d = np.zeros((n, n))
    d[np.triu_indices(n, 1)] = u
    return -double_centred(d + d.T) / 2


def signs(u):
    # Differences of equal dissimilarities that rounding left.
    return np.where(abs(u[:, None] - u) < 1e-12 * abs(u).max(), 0, np.sign(u[:, None] - u))


def average_ranks(u):
    return signs(u).sum(axis=1) / 2


def rho_a(u, v):
    return 12 * (average_ranks(u) * average_ranks(v)).sum() / (len(u) ** 3 - len(u))


def root_of(k):
    w, v = np.linalg.eigh(k)
    return v * np.sqrt(np.where(w > len(k) * np.finfo(float).eps * w.max(), w, 0))


COMPARATORS = {
    "pearson": lambda u, v: cosine_of(u - u.mean(), v - v.mean()),
    "spearman": lambda u, v: cosine_of(average_ranks(u), average_ranks(v)),
    "kendall-a": lambda u, v: (signs(u) * signs(v)).sum() / (len(u) * (len(u) - 1)),
    "kendall-b": lambda u, v: cosine_of(signs(u), signs(v)),
    "rho-a": rho_a,
    "cosine": cosine_of,
    "cosine-cov": lambda u, v: cosine_of(gram_of(u), gram_of(v)),
    "corr-cov": lambda u, v: cosine_of(gram_of(u - u.mean()), gram_of(v - v.mean())),
    "bures": lambda u, v: nuclear(root_of(gram_of(u)), root_of(gram_of(v)))
    / np.sqrt(np.trace(gram_of(u)) * np.trace(gram_of(v))),
}


def rsa(rdm, comparator):
    def value(x, y):
        if x.shape[0] > 120:  # signs of all pairs of pairs
            raise Undefined
        if rdm == "poisson" and comparator in ("cosine-cov", "corr-cov", "bures"):
            raise Undefined
        return COMPARATORS[comparator](RDMS[rdm](x), RDMS[rdm](y))

    return value


def without_constant(k):
    """In an orthonormal basis of what is orthogonal to the constant."""
    u = scipy.linalg.null_space(np.ones((1, len(k))))
    return u.T @ k @ u


def negative_riemannian(x, y):
    """Shahbazi et al. 2021, as rsatoolbox has it; the best common scale of both terms is known."""
    if min(basis(centred(a)).shape[1] for a in (x, y)) < len(x) - 1:
        raise Undefined
    g_x, g_y = (without_constant(gram_of(squared_distances(a))) for a in (x, y))

    def spread(t):
        logs = np.log(scipy.linalg.eigh(g_x + np.exp(t) * np.eye(len(g_x)), g_y, eigvals_only=True))
        return ((logs - logs.mean()) ** 2).sum()

    grid = np.linspace(-30, 15, 181)
    best = grid[np.argmin([spread(t) for t in grid])]
    options = {"xatol": 1e-9}
    bounds = (best - 0.5, best + 0.5)
    return -np.sqrt(scipy.optimize.minimize_scalar(spread, bounds=bounds, method="bounded", options=options).fun)


def riemann(of, regularizer):
    """Pennec, Fillard & Ayache 2006."""

    def matrix(x):
        x = centred(x)
        k = without_constant(x @ x.T) / x.shape[1] if of == "grams" else x.T @ x / (len(x) - 1)
        if regularizer == 0 and np.linalg.cond(k) > 1e12:
            raise Undefined
        return k + regularizer * np.trace(k) / len(k) * np.eye(len(k))

    def value(x, y):
        if of == "covariances" and x.shape[1] != y.shape[1]:
            raise Undefined
        return np.sqrt((np.log(scipy.linalg.eigh(matrix(x), matrix(y), eigvals_only=True)) ** 2).sum())

    return value


def rsm_norm(norm, of):
    def matrix(x):
        if of == "inner-products":
            return x @ x.T
        d = np.zeros((len(x), len(x)))
        d[pairs(x)] = np.sqrt(squared_distances(x))
        return d + d.T

    def value(x, y):
        difference = matrix(x) - matrix(y)
        return {
            "frobenius": lambda: np.sqrt((difference**2).sum()),
            "spectral": lambda: np.linalg.svd(difference, compute_uv=False)[0],
            "max": lambda: abs(difference).max(),
        }[norm]()

    return value


def stress(rescale):
    def value(x, y):
        u, v = np.sqrt(squared_distances(x)), np.sqrt(squared_distances(y))
        if rescale:
            u, v = u / np.median(u), v / np.median(v)
        return np.sqrt(((u - v) ** 2).mean())

    return value


# Every kind of dissimilarity and every comparator, not each with each.
RSA = [
    *(("squared-euclidean", comparator) for comparator in COMPARATORS),
    *(("correlation", comparator) for comparator in COMPARATORS),
    *((rdm, comparator) for rdm in ("euclidean", "gaussian") for comparator in ("pearson", "bures")),
    *((rdm, comparator) for rdm in ("cosine", "mahalanobis", "poisson") for comparator in ("pearson", "rho-a")),
    ("euclidean", "spearman"),
    ("cosine", "spearman"),
]

MEASURES = {
    **{f"rsa(rdm={rdm}, comparator={comparator})": rsa(rdm, comparator) for rdm, comparator in RSA},
    "rsa(rdm=squared-euclidean, comparator=neg-riem)": negative_riemannian,
    "riemann(of=grams, regularizer=0.1)": riemann("grams", 0.1),
    "riemann(of=covariances, regularizer=0.01)": riemann("covariances", 0.01),
    "riemann(of=covariances, regularizer=0.0)": riemann("covariances", 0.0),
    "rsm-norm": rsm_norm("frobenius", "distances"),
    "rsm-norm(norm=spectral)": rsm_norm("spectral", "distances"),
    "rsm-norm(norm=max)": rsm_norm("max", "distances"),
    "rsm-norm(of=inner-products)": rsm_norm("frobenius", "inner-products"),
    "stress": stress(False),
    "stress(rescale=median)": stress(True),
}
