"""Orthogonal Procrustes distance after centring: the nuclear norm of the cross product."""

import numpy as np
from scipy.linalg import svdvals


def scipy_procrustes(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    nuclear = svdvals(x.T @ y, overwrite_a=True, check_finite=False).sum(dtype=np.float64)
    squared = np.linalg.norm(x).astype(np.float64) ** 2 + np.linalg.norm(y).astype(np.float64) ** 2 - 2 * nuclear
    return np.sqrt(max(squared, 0.0))


def torch_procrustes(x, y):
    import torch

    x, y = x - x.mean(0), y - y.mean(0)
    nuclear = torch.linalg.svdvals(x.T @ y).double().sum()
    norm = torch.linalg.matrix_norm
    return (norm(x).double() ** 2 + norm(y).double() ** 2 - 2 * nuclear).clamp(min=0).sqrt()


IMPLEMENTATIONS = {"procrustes": {"scipy": scipy_procrustes, "torch": torch_procrustes}}
