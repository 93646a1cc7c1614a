"""Measures that match neurons with neurons, from their papers: every matching is the solution of a linear program over
couplings, whose vertices are permutations where both sides weigh the same."""

import numpy as np
from scipy.optimize import linprog


def centred(a):
    a = a - a.mean(axis=0)
    return a - a.mean(axis=0)


def squared_distances(x, y):
    return ((x[:, :, None] - y[:, None, :]) ** 2).sum(axis=0)


def coupling(cost, rows, columns, mass=None):
    """The cheapest P ≥ 0 with these margins; with a mass, with margins of at most these and that much in all."""
    k, l = cost.shape
    margins = np.vstack([np.kron(np.eye(k), np.ones(l)), np.kron(np.ones(k), np.eye(l))])
    bounds = np.concatenate([rows, columns])
    exact = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    if mass is None:
        solved = linprog(cost.ravel(), A_eq=margins, b_eq=bounds, method="highs", options=exact)
    else:
        solved = linprog(
            cost.ravel(),
            A_ub=margins,
            b_ub=bounds,
            A_eq=np.ones((1, k * l)),
            b_eq=[mass],
            method="highs",
            options=exact,
        )
    assert solved.status == 0, solved.message
    return solved.x.reshape(k, l)


def permutation_procrustes(x, y):
    """Williams et al. 2021: the narrower side is padded with zero neurons."""
    d = max(x.shape[1], y.shape[1])
    x, y = (np.pad(a, ((0, 0), (0, d - a.shape[1]))) for a in (x, y))
    p = np.round(coupling(squared_distances(x, y), np.ones(d), np.ones(d)))
    return np.linalg.norm(x @ p - y)


def permutation_angular(x, y):
    return 2 * np.arcsin(min(1.0, permutation_procrustes(x / np.linalg.norm(x), y / np.linalg.norm(y)) / 2))


def uniform(x, y):
    return np.full(x.shape[1], 1 / x.shape[1]), np.full(y.shape[1], 1 / y.shape[1])


def soft_match(x, y, mass=None):
    """Khosla & Williams 2023; with a mass, Kapoor et al. 2026."""
    cost = squared_distances(x, y)
    return np.sqrt(max(0.0, (coupling(cost, *uniform(x, y), mass) * cost).sum()))


def of_layer(a):
    """Neurons of root mean square length one."""
    return centred(a) / np.linalg.norm(centred(a)) * np.sqrt(a.shape[1])


def live(a):
    a = centred(a)
    return a[:, np.linalg.norm(a, axis=0) > 1e-12]


def of_neurons(a):
    return live(a) / np.linalg.norm(live(a), axis=0)


def correlation_match(matching, absolute=False):
    """Li et al. 2016; transport: Khosla & Williams 2023. Neurons that do not vary are left out."""

    def value(x, y):
        c = of_neurons(x).T @ of_neurons(y)
        c = abs(c) if absolute else c
        k, l = c.shape
        if matching == "one-to-one":
            # Correlations shifted to at least 0, so that zero neurons beside the narrower side take none.
            d = max(k, l)
            p = coupling(-np.pad(c + 1, ((0, d - k), (0, d - l))), np.ones(d), np.ones(d))
            return (p[:k, :l] * c).sum() / min(k, l)
        if matching == "transport":
            return (coupling(1 - c, np.full(k, 1 / k), np.full(l, 1 / l)) * c).sum()
        of_x, of_y = c.max(axis=1).mean(), c.max(axis=0).mean()
        return {"semi": (of_x + of_y) / 2, "semi-x": of_x, "semi-y": of_y}[matching]

    return value


MEASURES = {
    "permutation-procrustes": lambda x, y: permutation_procrustes(centred(x), centred(y)),
    "permutation-procrustes(form=angular)": lambda x, y: permutation_angular(centred(x), centred(y)),
    "permutation-procrustes(center=false)": permutation_procrustes,
    "permutation-procrustes(form=angular, center=false)": permutation_angular,
    "soft-match": lambda x, y: soft_match(centred(x), centred(y)),
    "soft-match(mass=0.5)": lambda x, y: soft_match(centred(x), centred(y), 0.5),
    "soft-match(scaling=layer)": lambda x, y: soft_match(of_layer(x), of_layer(y)),
    "soft-match(scaling=neurons)": lambda x, y: soft_match(of_neurons(x), of_neurons(y)),
    "soft-match(scaling=neurons, mass=0.1)": lambda x, y: soft_match(of_neurons(x), of_neurons(y), 0.1),
    "correlation-match": correlation_match("one-to-one"),
    "correlation-match(sign=absolute)": correlation_match("one-to-one", absolute=True),
    "correlation-match(matching=semi)": correlation_match("semi"),
    "correlation-match(matching=semi-x)": correlation_match("semi-x"),
    "correlation-match(matching=transport)": correlation_match("transport"),
}
