"""Every measure of the first stage, written down from its paper in the plainest way: n×n matrices, one least-squares
problem per neuron, no shortcut that the library also takes. These are the numbers the library must give.

Shapes: x is n×d_x, y is n×d_y; row i of both is the same input.
"""

import numpy as np
from scipy.spatial.distance import pdist, squareform

import matched
import near
import outputs
import rdms
from undefined import Undefined


def centred(a):
    # Twice: the second pass removes what rounding left of a large mean.
    a = a - a.mean(axis=0)
    return a - a.mean(axis=0)


def basis(a):
    """Orthonormal basis of the column space, by a relative cut of the singular values."""
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    return u[:, s > max(a.shape) * np.finfo(float).eps * s[0]]


def correlations(x, y):
    """Canonical correlations, largest first (Hotelling 1936; Björck & Golub 1973)."""
    return np.clip(np.linalg.svd(basis(centred(x)).T @ basis(centred(y)), compute_uv=False), 0, 1)


def principal_angles(x, y):
    """Ascending, accurate for small angles: the sine where the cosine is near one."""
    qx, qy = basis(centred(x)), basis(centred(y))
    if qx.shape[1] < qy.shape[1]:
        qx, qy = qy, qx
    u, c, vt = np.linalg.svd(qx.T @ qy, full_matrices=False)
    residual = qy @ vt.T - qx @ (u * c)
    return np.arctan2(np.linalg.norm(residual, axis=0), c)


# Edelman, Arias & Smith 1998: functions of the principal angles.
GRASSMANN = {
    "chordal": lambda t: np.sqrt((np.sin(t) ** 2).sum()),
    "geodesic": lambda t: np.sqrt((t**2).sum()),
    "projection": lambda t: np.sin(t.max()),
    "procrustes": lambda t: 2 * np.sqrt((np.sin(t / 2) ** 2).sum()),
    "fubini-study": lambda t: np.arccos(np.prod(np.cos(t))),
    "binet-cauchy": lambda t: np.sqrt(1 - np.prod(np.cos(t)) ** 2),
    "martin": lambda t: np.sqrt(-2 * np.log(np.cos(t)).sum()),
    "asimov": lambda t: t.max(),
}


def grassmann(distance, counted):
    """Counted: a right angle for every rank that one side has more (Ye & Lim 2016)."""

    def value(x, y):
        angles = principal_angles(x, y)
        gap = abs(basis(centred(x)).shape[1] - basis(centred(y)).shape[1]) if counted else 0
        if gap and distance == "martin":
            raise Undefined
        return float(GRASSMANN[distance](np.append(angles, np.full(gap, np.pi / 2))))

    return value


def cca(x, y):
    return correlations(x, y).mean()


def cca_mean_squared(x, y):
    return (correlations(x, y) ** 2).mean()


def leading(a, variance):
    """Scores on the components that hold this share of the variance (squared singular values)."""
    u, s, _ = np.linalg.svd(centred(a), full_matrices=False)
    share = np.cumsum(s**2) / (s**2).sum()
    k = int(np.searchsorted(share, variance - 1e-12)) + 1
    return u[:, :k] * s[:k]


def svcca(variance):
    """Raghu et al. 2017."""
    return lambda x, y: correlations(leading(x, variance), leading(y, variance)).mean()


def pwcca(x, y):
    """Morcos et al. 2018, weights from x: how much of each neuron lies along each canonical variate of x."""
    xc = centred(x)
    qx, qy = basis(xc), basis(centred(y))
    u, rho, _ = np.linalg.svd(qx.T @ qy, full_matrices=False)
    weights = np.abs((qx @ u).T @ xc).sum(axis=1)
    return (weights * np.clip(rho, 0, 1)).sum() / weights.sum()


def gram(a):
    a = centred(a)
    return a @ a.T


def double_centred(k):
    h = np.eye(len(k)) - 1 / len(k)
    return h @ k @ h


def hsic_gretton(k, l):
    """Gretton et al. 2005."""
    n = len(k)
    return np.trace(double_centred(k) @ double_centred(l)) / (n - 1) ** 2


def hsic_song(k, l):
    """Song et al. 2012, the U-statistic."""
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    return (
        np.trace(k @ l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (k @ l).sum()
    ) / (n * (n - 3))


def hsic_lange(k, l):
    """Lange et al. 2023: centred Grams without their diagonals (Smilde et al. 2009)."""
    n = len(k)
    k, l = double_centred(k), double_centred(l)
    return ((k * l).sum() - (np.diag(k) * np.diag(l)).sum()) / (n * (n - 3))


def hsic(estimator, kernel=gram):
    return lambda x, y: estimator(kernel(x), kernel(y))


def cka(estimator, kernel=gram):
    def value(x, y):
        k, l = kernel(x), kernel(y)
        own = estimator(k, k), estimator(l, l)
        if min(own) <= 0:
            raise Undefined
        return estimator(k, l) / np.sqrt(own[0] * own[1])

    return value


def nuclear(x, y):
    return np.linalg.svd(centred(x).T @ centred(y), compute_uv=False).sum()


def norm(a):
    return np.linalg.norm(centred(a))


def nbs(x, y):
    """Normalised Bures similarity (Tang et al. 2020)."""
    return nuclear(x, y) / (norm(x) * norm(y))


def aligned_residual(x, y):
    """Least ‖x Q − y‖ over orthogonal Q, from Q itself: no cancellation when x and y nearly agree."""
    d = max(x.shape[1], y.shape[1])
    x, y = (np.pad(a, ((0, 0), (0, d - a.shape[1]))) for a in (x, y))
    u, _, vt = np.linalg.svd(x.T @ y)
    return np.linalg.norm(x @ (u @ vt) - y)


def size_and_shape(x, y):
    return aligned_residual(centred(x), centred(y))


def procrustes_normalized(x, y):
    return aligned_residual(centred(x) / norm(x), centred(y) / norm(y))


def procrustes_angular(x, y):
    return 2 * np.arcsin(procrustes_normalized(x, y) / 2)


def procrustes_full(x, y):
    """The root of Gower's disparity: the sine of the angular form."""
    return np.sqrt(max(0.0, 1 - nbs(x, y) ** 2))


def linear_regression(x, y):
    """In-sample R² of predicting y from x, pooled over neurons by their variance."""
    yc = centred(y)
    return np.linalg.norm(basis(centred(x)).T @ yc) ** 2 / np.linalg.norm(yc) ** 2


def eos(x, y):
    """May et al. 2019: uncentred, divided by the larger number of neurons."""
    return np.linalg.norm(basis(x).T @ basis(y)) ** 2 / max(x.shape[1], y.shape[1])


def gulp(penalty):
    """Boix-Adserà et al. 2022: the root of their d², both sides scaled to mean squared norm one."""

    def value(x, y):
        x, y = (centred(a) / np.linalg.norm(centred(a)) * np.sqrt(len(a)) for a in (x, y))
        n = len(x)
        cxx, cyy, cxy = x.T @ x / n, y.T @ y / n, x.T @ y / n

        def inverse(c):
            if penalty > 0:
                return np.linalg.inv(c + penalty * np.eye(len(c)))
            return np.linalg.pinv(c, rcond=1e-12, hermitian=True)

        ix, iy = inverse(cxx), inverse(cyy)
        squared = (
            np.trace(ix @ cxx @ ix @ cxx)
            + np.trace(iy @ cyy @ iy @ cyy)
            - 2 * np.trace(ix @ cxy @ iy @ cxy.T)
        )
        return np.sqrt(max(0.0, squared))

    return value


def participation_ratio(a):
    """Gao et al. 2017."""
    s = np.linalg.svd(centred(a), compute_uv=False) ** 2
    return s.sum() ** 2 / (s**2).sum()


def participation_ratio_difference(x, y):
    return abs(participation_ratio(x) - participation_ratio(y))


def partially_whitened(a, alpha, netrep=False):
    """Williams et al. 2021: X (α I + (1 − α) C^(−½)), C scaled so that its trace is its rank."""
    u, s, _ = np.linalg.svd(centred(a), full_matrices=False)
    rank = basis(centred(a)).shape[1]
    u, s = u[:, :rank], s[:rank]
    unit = 1.0 if netrep else np.sqrt(rank / (s**2).sum())
    return u * (alpha * s * unit + (1 - alpha))


def shape(alpha, form, netrep=False):
    def value(x, y):
        ranks = basis(centred(x)).shape[1] + basis(centred(y)).shape[1]
        if alpha == 0 and ranks > len(x) - 1:
            raise Undefined
        a, b = (partially_whitened(side, alpha, netrep) for side in (x, y))
        if form == "angular":
            a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
            return 2 * np.arcsin(aligned_residual(a, b) / 2)
        if netrep:
            # The total variation is given back, counted with the floor that empty directions get.
            widest = max(x.shape[1], y.shape[1])
            whole = [
                np.linalg.norm(w) ** 2 + (widest - w.shape[1]) * (alpha * np.sqrt(1e-7) + 1 - alpha) ** 2 for w in (a, b)
            ]
            a, b = (w * norm(side) / np.sqrt(total) for w, side, total in zip((a, b), (x, y), whole))
        return aligned_residual(a, b)

    return value


def named_shape(alpha, form, netrep):
    options = [alpha, "form=euclidean" if form == "euclidean" else "", "compat=netrep" if netrep else ""]
    inside = ", ".join(option for option in options if option)
    return f"shape({inside})" if inside else "shape"


def pls_spectrum(x, y):
    return np.linalg.svd(centred(x).T @ centred(y), compute_uv=False) / (len(x) - 1)


def pls_svd(x, y):
    return pls_spectrum(x, y).sum() / min(x.shape[1], y.shape[1])


def pls_svd_largest(x, y):
    return pls_spectrum(x, y)[0]


def aligned_cosine(x, y):
    """Hamilton et al. 2016: not centred."""
    u, s, vt = np.linalg.svd(x.T @ y, full_matrices=False)
    rank = (s > max(x.shape[1], y.shape[1]) * np.finfo(float).eps * s[0]).sum()
    turned = x @ u[:, :rank] @ vt[:rank]
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return ((turned * y).sum(axis=1)[lengths > 0] / lengths[lengths > 0]).mean()


def ridge_cca(penalty):
    """Vinod 1976, κ in units of the mean eigenvalue of each side."""

    def root(a):
        values, vectors = np.linalg.eigh(a.T @ a)
        return vectors / np.sqrt(values + penalty * values.sum() / len(values))

    def value(x, y):
        x, y = centred(x), centred(y)
        m = min(basis(x).shape[1], basis(y).shape[1])
        # Where the effective dimensions leave no room the number is much the same for any data.
        effective = [np.round(np.linalg.norm(a @ root(a)) ** 2) for a in (x, y)]
        if sum(effective) > len(x) - 1:
            raise Undefined
        return np.linalg.svd(root(x).T @ x.T @ y @ root(y), compute_uv=False).sum() / m

    return value


def residuals(targets, span):
    """Relative distance of each target from the span of the columns: one least-squares solve for all."""
    if targets.shape[1] == 0:
        return np.zeros(0)
    left = targets if span.shape[1] == 0 else targets - span @ np.linalg.lstsq(span, targets, rcond=None)[0]
    return np.linalg.norm(left, axis=0) / np.linalg.norm(targets, axis=0)


def nonzero(a):
    norms = np.linalg.norm(a, axis=0)
    return np.flatnonzero(norms > 1e-16 * max(norms.max(), 1e-300))


def maximum_match_sets(x, y, epsilon):
    """Wang et al. 2018: delete what is too far from the other side's span until nothing is."""
    x, y = (a / np.maximum(np.linalg.norm(a, axis=0), 1e-300) for a in (x, y))
    s, t = nonzero(x), nonzero(y)
    while True:
        before = len(s) + len(t)
        s = s[residuals(x[:, s], y[:, t]) <= epsilon + 1e-12]
        t = t[residuals(y[:, t], x[:, s]) <= epsilon + 1e-12]
        if len(s) + len(t) == before:
            return s, t


def maximum_match(epsilon):
    """Zero neurons are never matched and are counted in the denominator."""

    def value(x, y):
        s, t = maximum_match_sets(x, y, epsilon)
        return (len(s) + len(t)) / (x.shape[1] + y.shape[1])

    return value


def critical_epsilons(x, y):
    """The smallest ε at which each neuron is matched, x then y: peel off the worst neuron, one at a time, solving
    every least-squares problem afresh. A zero neuron is never matched: 1."""
    x, y = (a / np.maximum(np.linalg.norm(a, axis=0), 1e-300) for a in (x, y))
    s, t = list(nonzero(x)), list(nonzero(y))
    critical = np.ones(x.shape[1] + y.shape[1])
    smallest = np.inf
    while s or t:
        r = np.concatenate([residuals(x[:, s], y[:, t]), residuals(y[:, t], x[:, s])])
        worst = int(r.argmax())
        smallest = min(smallest, r[worst])
        if worst < len(s):
            critical[s.pop(worst)] = smallest
        else:
            critical[x.shape[1] + t.pop(worst - len(s))] = smallest
    return critical


def mean_match(x, y):
    return 1 - critical_epsilons(x, y).mean()


# The thresholds of the reference values.
EPSILONS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

def distances(a):
    a = a - a.mean(axis=0)
    return squareform(pdist(a))


def in_units(d, whole_matrix):
    """Over the .9-quantile of the pairs, or of the matrix with its zero diagonal (the code of the paper)."""
    return d / np.quantile(d if whole_matrix else squareform(d, checks=False), 0.9)


def spanning_tree_weight(d):
    """Prim; equal inputs may be at distance 0, which scipy's sparse graphs take for no edge."""
    n = len(d)
    nearest, outside, total = d[0].copy(), np.ones(n, bool), 0.0
    outside[0] = False
    for _ in range(n - 1):
        v = np.flatnonzero(outside)[nearest[outside].argmin()]
        total += nearest[v]
        outside[v] = False
        nearest = np.minimum(nearest, d[v])
    return total


def rtd_lite(whole_matrix):
    """Tulchinskii et al. 2025."""

    def value(x, y):
        a, b = in_units(distances(x), whole_matrix), in_units(distances(y), whole_matrix)
        return (spanning_tree_weight(a) + spanning_tree_weight(b)) / 2 - spanning_tree_weight(np.minimum(a, b))

    return value


def length_of_loops(d):
    """Total length of the bars of H1 of the flag complex, from GUDHI's simplex tree in double precision."""
    import gudhi

    tree = gudhi.RipsComplex(distance_matrix=d).create_simplex_tree(max_dimension=1)
    tree.collapse_edges()
    tree.expansion(2)
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=False)
    bars = tree.persistence_intervals_in_dimension(1)
    return (bars[:, 1] - bars[:, 0]).sum() if len(bars) else 0.0


def doubled(a, b):
    """The graph of Barannikov et al. 2022: its first n points are at distance 0 of each other."""
    return np.block([[np.zeros_like(a), a], [a, np.minimum(a, b)]])


def rtd(whole_matrix, loops=length_of_loops):
    def value(x, y):
        a, b = in_units(distances(x), whole_matrix), in_units(distances(y), whole_matrix)
        return (loops(doubled(a, b)) + loops(doubled(b, a))) / 2

    return value


def mtopdiv(collapsed, loops=length_of_loops):
    """Barannikov et al. 2021: distances within the collapsed cloud are 0."""

    def value(x, y):
        if x.shape[1] != y.shape[1]:
            raise Undefined
        d = distances(np.vstack([x, y]))
        side = slice(0, len(x)) if collapsed == "x" else slice(len(x), None)
        d[side, side] = 0
        return loops(d)

    return value


def mtopdiv_each(loops=length_of_loops):
    return lambda x, y: (mtopdiv("x", loops)(x, y) + mtopdiv("y", loops)(x, y)) / 2


def heat_traces(a, k, times):
    """Of the graph of k nearest neighbours, from the spectrum of its normalised Laplacian."""
    d = distances(a)
    np.fill_diagonal(d, np.inf)
    nearest = d.argsort(axis=1, kind="stable")[:, :k]
    graph = np.zeros_like(d)
    np.put_along_axis(graph, nearest, 1, axis=1)
    graph = np.maximum(graph, graph.T)
    root = np.sqrt(graph.sum(axis=1))
    spectrum = np.linalg.eigvalsh(np.eye(len(a)) - graph / root / root[:, None])
    return np.exp(-np.outer(times, spectrum)).mean(axis=1)


def imd(k):
    """Tsitsulin et al. 2020."""

    def value(x, y):
        t = np.logspace(-1, 1, 256)
        return (np.exp(-2 * (t + 1 / t)) * np.abs(heat_traces(x, k, t) - heat_traces(y, k, t))).max()

    return value


MEASURES = {
    **{f"grassmann(distance={name})": grassmann(name, True) for name in GRASSMANN},
    **{f"grassmann(distance={name}, gap=ignored)": grassmann(name, False) for name in GRASSMANN},
    "cca": cca,
    "cca(summary=mean-squared)": cca_mean_squared,
    "svcca": svcca(0.99),
    "svcca(variance=0.9)": svcca(0.9),
    "pwcca": pwcca,
    "hsic(estimator=song)": hsic(hsic_song),
    "hsic(estimator=gretton)": hsic(hsic_gretton),
    "hsic(estimator=lange)": hsic(hsic_lange),
    "cka": cka(hsic_song),
    "cka(estimator=gretton)": cka(hsic_gretton),
    "cka(estimator=lange)": cka(hsic_lange),
    **{
        f"{name}(kernel=rbf, estimator={estimator})": measure(formula, near.gaussian)
        for name, measure in (("hsic", hsic), ("cka", cka))
        for estimator, formula in (("song", hsic_song), ("gretton", hsic_gretton), ("lange", hsic_lange))
    },
    "procrustes": size_and_shape,
    "procrustes(form=normalized)": procrustes_normalized,
    "procrustes(form=angular)": procrustes_angular,
    "procrustes(form=full)": procrustes_full,
    "nbs": nbs,
    **{
        label: shape(alpha, form, netrep)
        for alpha, named in ((0.5, ""), (0.0, "alpha=0.0"), (1.0, "alpha=1.0"))
        for form in ("angular", "euclidean")
        for netrep in (False, True)
        for label in [named_shape(named, form, netrep)]
    },
    "aligned-cosine": aligned_cosine,
    "pls-svd": pls_svd,
    "pls-svd(summary=largest)": pls_svd_largest,
    "rcca": ridge_cca(1e-3),
    "rcca(penalty=0.1)": ridge_cca(0.1),
    "linear-regression": linear_regression,
    "gulp": gulp(0.01),
    "gulp(penalty=0)": gulp(0.0),
    "gulp(penalty=1)": gulp(1.0),
    "eos": eos,
    "participation-ratio": participation_ratio_difference,
    **{f"maximum-match(epsilon={e})": maximum_match(e) for e in EPSILONS},
    "mean-match": mean_match,
    **matched.MEASURES,
    "rtd": rtd(False),
    "rtd(compat=rtd)": rtd(True),
    "rtd-lite": rtd_lite(False),
    "rtd-lite(compat=rtd)": rtd_lite(True),
    "mtopdiv": mtopdiv_each(),
    "mtopdiv(collapse=x)": mtopdiv("x"),
    "imd": imd(5),
    "imd(k=10)": imd(10),
    **rdms.MEASURES,
    **near.MEASURES,
    **outputs.MEASURES,
}
