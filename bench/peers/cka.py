"""Linear CKA, plug-in and U-statistic, as an expert would write it on each library: features rather than n×n Gram
matrices (n > d in these works), centred once, in the precision of the input."""

import numpy as np


def numpy_linear(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    # numpy turns a.T @ a into one symmetric product (syrk).
    return np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def numpy_debiased(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    n = len(x)
    u, v = np.einsum("ij,ij->i", x, x).astype(np.float64), np.einsum("ij,ij->i", y, y).astype(np.float64)

    def statistic(product, a, b):
        f = float(np.linalg.norm(product)) ** 2
        return f - n / (n - 2) * (a @ b) + a.sum() * b.sum() / ((n - 1) * (n - 2))

    return statistic(x.T @ y, u, v) / np.sqrt(statistic(x.T @ x, u, u) * statistic(y.T @ y, v, v))


def torch_linear(x, y):
    import torch

    x, y = x - x.mean(0), y - y.mean(0)
    norm = torch.linalg.matrix_norm
    return norm(x.T @ y) ** 2 / (norm(x.T @ x) * norm(y.T @ y))


def torch_debiased(x, y):
    import torch

    x, y = x - x.mean(0), y - y.mean(0)
    n = len(x)
    u, v = (x * x).sum(1).double(), (y * y).sum(1).double()

    def statistic(product, a, b):
        f = torch.linalg.matrix_norm(product).double() ** 2
        return f - n / (n - 2) * (a @ b) + a.sum() * b.sum() / ((n - 1) * (n - 2))

    return statistic(x.T @ y, u, v) / torch.sqrt(statistic(x.T @ x, u, u) * statistic(y.T @ y, v, v))


def pytorch_cka(x, y):
    from cka import cka_from_features

    return cka_from_features(x, y)


def torch_cka(x, y):
    """The package compares models, so its two Gram matrices and three calls are made here as its `compare` makes them."""
    import torch
    from torch_cka import CKA

    hsic = CKA._HSIC
    model = type("Device", (), {"device": "cpu"})()
    x, y = x.float(), y.float()  # it multiplies by single-precision ones
    k, l = x @ x.t(), y @ y.t()
    k.fill_diagonal_(0.0)
    l.fill_diagonal_(0.0)
    return hsic(model, k, l) / (hsic(model, k, k) ** 0.5 * hsic(model, l, l) ** 0.5)


IMPLEMENTATIONS = {
    "cka-linear": {"numpy": numpy_linear, "torch": torch_linear},
    "cka-debiased": {
        "numpy": numpy_debiased,
        "torch": torch_debiased,
        "pytorch-cka": pytorch_cka,
        "torch-cka": torch_cka,
    },
}
