"""Ridge regression of y on x in 5 folds of consecutive rows, the penalty of each fold the one of 17 with the least
generalised cross-validation error on its training rows; pooled R² about the training means."""

import numpy as np
from scipy.linalg import eigh

PENALTIES = np.logspace(-8, 8, 17)
FOLDS = 5


def parts(n):
    return np.array_split(np.arange(n), FOLDS)


def numpy_ridge(x, y):
    """Products once a fold, training statistics by subtraction, the whole penalty path from one eigendecomposition."""
    shift_x, shift_y = x.mean(axis=0), y.mean(axis=0)
    x, y = x - shift_x, y - shift_y
    blocks = []
    for rows in parts(len(x)):
        a, b = x[rows], y[rows]
        blocks.append((len(rows), a.sum(axis=0), b.sum(axis=0), a.T @ a, a.T @ b, np.einsum("ij,ij->", b, b)))
    whole = [sum(column) for column in zip(*blocks)]
    residual = total = 0.0
    for n_test, sx, sy, xx, xy, yy in blocks:
        n, tx, ty, txx, txy, tyy = (t - o for t, o in zip(whole, (n_test, sx, sy, xx, xy, yy)))
        mx, my = tx / n, ty / n
        cxx, cxy, cyy = txx - n * np.outer(mx, mx), txy - n * np.outer(mx, my), tyy - n * (my @ my)
        w, v = eigh(cxx, driver="evd", overwrite_a=True, check_finite=False)
        w = np.maximum(w, 0)
        rotated = v.T @ cxy
        squared = np.einsum("ij,ij->i", rotated, rotated)
        shrink = 1 / (w + PENALTIES[:, None])
        error = cyy - 2 * shrink @ squared + (w * shrink**2) @ squared
        freedom = n - 1 - (w * shrink).sum(axis=1)
        best = np.argmin(error / freedom**2)
        coefficients = v @ (shrink[best][:, None] * rotated)
        # Test rows about the training means.
        exx = xx - np.outer(sx, mx) - np.outer(mx, sx) + n_test * np.outer(mx, mx)
        exy = xy - np.outer(sx, my) - np.outer(mx, sy) + n_test * np.outer(mx, my)
        eyy = yy - 2 * (sy @ my) + n_test * (my @ my)
        residual += eyy - 2 * np.vdot(coefficients, exy) + np.vdot(coefficients, exx @ coefficients)
        total += eyy
    return 1 - residual / total


def sklearn_ridge(x, y):
    """RidgeCV as its documentation shows it."""
    from sklearn.linear_model import RidgeCV

    residual = total = 0.0
    for rows in parts(len(x)):
        train = np.ones(len(x), bool)
        train[rows] = False
        model = RidgeCV(PENALTIES).fit(x[train], y[train])
        residual += ((y[rows] - model.predict(x[rows])) ** 2).sum(dtype=np.float64)
        total += ((y[rows] - y[train].mean(axis=0)) ** 2).sum(dtype=np.float64)
    return 1 - residual / total


IMPLEMENTATIONS = {"ridge-cv": {"numpy": numpy_ridge, "scikit-learn": sklearn_ridge}}
