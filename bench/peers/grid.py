"""Debiased linear CKA of every layer with every layer, and the cross products that no implementation by features can
avoid. The value is the mean over the grid."""

import numpy as np


def centred(layers):
    return [a - a.mean(axis=0) for a in layers]


def numpy_features(*layers):
    """One cross product a pair, upper triangle only."""
    layers = centred(layers)
    n, count = len(layers[0]), len(layers)
    norms = np.stack([np.einsum("ij,ij->i", a, a).astype(np.float64) for a in layers])
    f = np.empty((count, count))
    for i in range(count):
        for j in range(i, count):
            f[i, j] = f[j, i] = float(np.linalg.norm(layers[i].T @ layers[j])) ** 2
    return debiased(f, norms, n).mean()


def numpy_gram(*layers):
    """One n×n Gram matrix a layer, all inner products as one product: n < 24 d here, so this needs fewer operations,
    and 24 n² numbers of memory."""
    n, count = len(layers[0]), len(layers)
    grams = np.empty((count, n, n), layers[0].dtype)
    norms = np.empty((count, n))
    for i, a in enumerate(centred(layers)):
        np.matmul(a, a.T, out=grams[i])
        norms[i] = np.diagonal(grams[i])
    flat = grams.reshape(count, n * n)
    return debiased((flat @ flat.T).astype(np.float64), norms, n).mean()


def debiased(f, norms, n):
    sums = norms.sum(axis=1)
    h = f - n / (n - 2) * (norms @ norms.T) + np.outer(sums, sums) / ((n - 1) * (n - 2))
    own = np.sqrt(np.diagonal(h))
    return h / np.outer(own, own)


def pytorch_cka(*layers):
    from cka import cka_from_features

    return cka_from_features(list(layers), list(layers)).mean()


def numpy_products(*layers):
    layers = centred(layers)
    return sum(float(np.linalg.norm(a.T @ b)) ** 2 for i, a in enumerate(layers) for b in layers[i:])


def torch_products(*layers):
    import torch

    layers = [a - a.mean(0) for a in layers]
    norm = torch.linalg.matrix_norm
    return sum(float(norm(a.T @ b)) ** 2 for i, a in enumerate(layers) for b in layers[i:])


IMPLEMENTATIONS = {
    "cka-grid": {"numpy-features": numpy_features, "numpy-gram": numpy_gram, "pytorch-cka": pytorch_cka},
    "grid-products": {"numpy": numpy_products, "torch": torch_products},
}
