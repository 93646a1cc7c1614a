"""scipy: principal angles, Procrustes with scaling ("disparity"), assignments, distances between inputs and their ranks, divergences of
distributions."""

import numpy as np
from scipy.linalg import orthogonal_procrustes, subspace_angles
from scipy.optimize import linear_sum_assignment
from scipy.spatial import procrustes
from scipy.spatial.distance import jensenshannon, pdist, squareform
from scipy.special import softmax
from scipy.stats import entropy, kendalltau, pearsonr, spearmanr

from formulas import GRASSMANN, basis
from matched import of_neurons
from recorder import Recorder, cases

recorder = Recorder("scipy", __file__)
for case, x, y in cases():
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    # Its own `orth` is applied first; a basis is passed so that the rank cut is ours and only the angles are scipy's.
    angles = subspace_angles(basis(x), basis(y))
    for distance, function in GRASSMANN.items():
        recorder.add(case, f"grassmann(distance={distance}, gap=ignored)", function(angles))
    recorder.add(case, "cca", np.cos(angles).mean())
    recorder.add(case, "cca(summary=mean-squared)", (np.cos(angles) ** 2).mean())

    correlations = of_neurons(x).T @ of_neurons(y)
    matched = linear_sum_assignment(correlations, maximize=True)
    recorder.add(case, "correlation-match", correlations[matched].mean())
    rows, columns = linear_sum_assignment(x.T @ y, maximize=True)
    recorder.add(
        case,
        "permutation-procrustes",
        (x**2).sum() + (y**2).sum() - 2 * (x.T @ y)[rows, columns].sum(),
        transform="square",
    )

    d = max(x.shape[1], y.shape[1])
    x, y = (np.pad(a, ((0, 0), (0, d - a.shape[1]))) for a in (x, y))
    _, _, disparity = procrustes(x, y)
    recorder.add(case, "nbs", disparity, transform="one_minus_square")
    recorder.add(case, "procrustes(form=full)", disparity, transform="square")
    rotation, nuclear_norm = orthogonal_procrustes(x, y)
    recorder.add(case, "nbs", nuclear_norm / (np.linalg.norm(x) * np.linalg.norm(y)))
    recorder.add(case, "procrustes", np.linalg.norm(x @ rotation - y))

for case, x, y in cases():
    for rdm, metric in (("euclidean", "euclidean"), ("cosine", "cosine"), ("correlation", "correlation")):
        if metric != "euclidean" and x.shape[1] == 1:  # every cosine is 1 or -1, every correlation undefined
            continue
        u, v = pdist(x, metric), pdist(y, metric)
        recorder.add(case, f"rsa(rdm={rdm}, comparator=pearson)", pearsonr(u, v).statistic)
        recorder.add(case, f"rsa(rdm={rdm}, comparator=spearman)", spearmanr(u, v).statistic)
        if rdm == "correlation":
            recorder.add(case, "rsa(rdm=correlation, comparator=kendall-b)", kendalltau(u, v).statistic)
    u, v = pdist(x), pdist(y)
    recorder.add(case, "rsm-norm", np.linalg.norm(squareform(u) - squareform(v)))
    recorder.add(case, "stress", np.linalg.norm(u - v) / np.sqrt(len(u)))

for case, x, y in cases():
    if x.shape[1] == y.shape[1]:
        p, q = softmax(x, axis=1), softmax(y, axis=1)
        roots = jensenshannon(p, q, base=2, axis=1)
        recorder.add(case, "jsd", (roots**2).mean())
        recorder.add(case, "jsd(root=true)", roots.mean())
        recorder.add(case, "symmetric-kl", (entropy(p, q, axis=1) + entropy(q, p, axis=1)).mean() / 2)
recorder.write()
