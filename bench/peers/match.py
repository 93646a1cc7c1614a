"""Maximum match by alternating least squares (Wang et al. 2018): from all neurons, delete from each side in turn what is
further than epsilon from the other side's span, one least-squares problem a round, until nothing changes."""

import numpy as np

THRESHOLDS = np.linspace(0.05, 0.95, 20)
CHAIN_THRESHOLD = 0.55


def too_far(targets, span, epsilon):
    if span.shape[1] == 0:
        return np.ones(targets.shape[1], bool)
    solution = np.linalg.lstsq(span, targets, rcond=None)[0]
    return np.linalg.norm(targets - span @ solution, axis=0) > epsilon * np.linalg.norm(targets, axis=0)


def maximum_match(x, y, epsilon):
    """How many neurons are matched."""
    total = x.shape[1] + y.shape[1]
    while x.shape[1] + y.shape[1] > 0:
        before = x.shape[1] + y.shape[1]
        x = x[:, ~too_far(x, y, epsilon)]
        y = y[:, ~too_far(y, x, epsilon)]
        if x.shape[1] + y.shape[1] == before:
            break
    return (x.shape[1] + y.shape[1]) / total


def triangle(x, y):
    """The R of QR([X Y]) has the same residuals in fewer rows: the first thing an expert would add."""
    r = np.linalg.qr(np.hstack([x, y]), mode="r")
    return r[:, : x.shape[1]], r[:, x.shape[1] :]


def path(x, y):
    return np.mean([maximum_match(x, y, epsilon) for epsilon in THRESHOLDS])


def chain(x, y):
    return maximum_match(x, y, CHAIN_THRESHOLD)


IMPLEMENTATIONS = {
    "match-path": {"alternating-lstsq": path, "alternating-lstsq-after-qr": lambda x, y: path(*triangle(x, y))},
    "match-chain": {"alternating-lstsq": chain, "alternating-lstsq-after-qr": lambda x, y: chain(*triangle(x, y))},
}
