"""Measures of what networks answer, from their definitions: both sides are logits, one column a class."""

import numpy as np

from undefined import Undefined


def softmax(a):
    p = np.exp(a - a.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def of_logits(measure):
    def value(x, y):
        if x.shape[1] != y.shape[1] or x.shape[1] < 2:
            raise Undefined
        return measure(x, y)

    return value


def of_probabilities(measure):
    return of_logits(lambda x, y: measure(softmax(x), softmax(y)))


def disagreement(x, y):
    return (x.argmax(axis=1) != y.argmax(axis=1)).mean()


def cohen_kappa(x, y):
    """Cohen 1960."""
    classes = np.arange(x.shape[1])
    observed = 1 - disagreement(x, y)
    by_chance = np.dot(*((side.argmax(axis=1)[:, None] == classes).mean(axis=0) for side in (x, y)))
    return (observed - by_chance) / (1 - by_chance)


def entropy(p):
    """In bits."""
    return -(p * np.log2(p)).sum(axis=1)


def divergence(p, q):
    """Lin 1991, of every input."""
    return np.maximum(entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2, 0)


def symmetric_kl(p, q):
    return ((p - q) * (np.log(p) - np.log(q))).sum(axis=1).mean() / 2


MEASURES = {
    "disagreement": of_logits(disagreement),
    "cohen-kappa": of_logits(cohen_kappa),
    "jsd": of_probabilities(lambda p, q: divergence(p, q).mean()),
    "jsd(root=true)": of_probabilities(lambda p, q: np.sqrt(divergence(p, q)).mean()),
    "symmetric-kl": of_probabilities(symmetric_kl),
    "softmax-difference": of_probabilities(lambda p, q: np.abs(p - q).sum(axis=1).mean() / 2),
    "softmax-difference(norm=l2)": of_probabilities(lambda p, q: np.linalg.norm(p - q, axis=1).mean()),
    "softmax-difference(norm=squared)": of_probabilities(lambda p, q: ((p - q) ** 2).sum(axis=1).mean()),
}
