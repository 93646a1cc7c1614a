"""scipy: principal angles, Procrustes with scaling ("disparity"), and assignments."""

import numpy as np
from scipy.linalg import orthogonal_procrustes, subspace_angles
from scipy.optimize import linear_sum_assignment
from scipy.spatial import procrustes

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
recorder.write()
