"""CCA, SVCCA and PWCCA two ways: by orthonormal bases (QR), which is robust, and from covariances (Cholesky or
eigenvectors), which is faster and squares the condition number. scipy keeps single precision where numpy would widen."""

import numpy as np
from scipy.linalg import cholesky, eigh, qr, solve_triangular, svd, svdvals

FAST = {"check_finite": False, "overwrite_a": True}


def centred(x, y):
    return x - x.mean(axis=0), y - y.mean(axis=0)


def cca_qr(x, y):
    x, y = centred(x, y)
    (qx, _), (qy, _) = qr(x, mode="economic", **FAST), qr(y, mode="economic", **FAST)
    return svdvals(qx.T @ qy, **FAST).mean()


def whitened_cross(x, y):
    """L_x⁻¹ C_xy L_y⁻ᵀ, whose singular values are the canonical correlations, and L_x."""
    lx, ly = (cholesky(a.T @ a, lower=True, **FAST) for a in (x, y))
    half = solve_triangular(lx, x.T @ y, lower=True, overwrite_b=True, check_finite=False)
    return solve_triangular(ly, half.T, lower=True, check_finite=False).T, lx


def cca_cholesky(x, y):
    cross, _ = whitened_cross(*centred(x, y))
    return svdvals(cross, **FAST).mean()


def pwcca_qr(x, y):
    x, y = centred(x, y)
    (qx, rx), (qy, _) = qr(x, mode="economic", check_finite=False), qr(y, mode="economic", **FAST)
    u, rho, _ = svd(qx.T @ qy, full_matrices=False, **FAST)
    weights = np.abs(u.T @ rx).sum(axis=1)  # variates · neurons = Uᵀ Qᵀ X = Uᵀ R
    return weights @ rho / weights.sum()


def pwcca_cholesky(x, y):
    x, y = centred(x, y)
    cross, lx = whitened_cross(x, y)
    u, rho, _ = svd(cross, full_matrices=False, **FAST)
    weights = np.abs(u.T @ np.tril(lx).T).sum(axis=1)
    return weights @ rho / weights.sum()


def svcca_svd(x, y, variance=0.99):
    """The way the paper tells it: an SVD of each side, then CCA of what is kept."""

    def kept(a):
        u, s, _ = svd(a, full_matrices=False, **FAST)
        share = np.cumsum(s**2) / (s**2).sum()
        return u[:, : int(np.searchsorted(share, variance)) + 1]

    x, y = centred(x, y)
    return svdvals(kept(x).T @ kept(y), **FAST).mean()


def svcca_eigen(x, y, variance=0.99):
    """From covariances: eigenvectors instead of singular vectors, and never an n-long basis."""

    def kept(c):
        w, v = eigh(c, driver="evd", **FAST)
        w, v = w[::-1], v[:, ::-1]
        k = int(np.searchsorted(np.cumsum(w) / w.sum(), variance)) + 1
        return v[:, :k] / np.sqrt(w[:k])

    x, y = centred(x, y)
    vx, vy = kept(x.T @ x), kept(y.T @ y)
    return svdvals(vx.T @ (x.T @ y) @ vy, **FAST).mean()


def torch_cca(x, y):
    import torch

    x, y = x - x.mean(0), y - y.mean(0)
    qx, qy = torch.linalg.qr(x)[0], torch.linalg.qr(y)[0]
    return torch.linalg.svdvals(qx.T @ qy).mean()


def torch_pwcca(x, y):
    import torch

    x, y = x - x.mean(0), y - y.mean(0)
    (qx, rx), (qy, _) = torch.linalg.qr(x), torch.linalg.qr(y)
    u, rho, _ = torch.linalg.svd(qx.T @ qy, full_matrices=False)
    weights = (u.T @ rx).abs().sum(1)
    return weights @ rho / weights.sum()


def torch_svcca(x, y, variance=0.99):
    import torch

    def kept(c):
        w, v = torch.linalg.eigh(c)
        w, v = w.flip(0), v.flip(1)
        k = int(torch.searchsorted(w.cumsum(0) / w.sum(), variance)) + 1
        return v[:, :k] / w[:k].sqrt()

    x, y = x - x.mean(0), y - y.mean(0)
    vx, vy = kept(x.T @ x), kept(y.T @ y)
    return torch.linalg.svdvals(vx.T @ (x.T @ y) @ vy).mean()


IMPLEMENTATIONS = {
    "cca": {"scipy-cholesky": cca_cholesky, "scipy-qr": cca_qr, "torch": torch_cca},
    "pwcca": {"scipy-cholesky": pwcca_cholesky, "scipy-qr": pwcca_qr, "torch": torch_pwcca},
    "svcca": {"scipy-eigen": svcca_eigen, "scipy-svd": svcca_svd, "torch": torch_svcca},
}
