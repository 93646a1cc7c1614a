"""Writes the arrays of one work as `.npy` files: `python make_arrays.py KIND N D DTYPE FOLDER`.

Both sides of the benchmark read these same files. A file that is there already is kept.
"""

import sys
from pathlib import Path

import numpy as np

LAYERS = 24


def activations(rng, signal, d):
    """Rectified noisy projections of a shared signal: correlated neurons, non-zero means, a decaying spectrum."""
    scale = 1 / np.sqrt(np.arange(1, signal.shape[1] + 1))
    mixed = (signal * scale) @ rng.normal(size=(signal.shape[1], d))
    return np.maximum(mixed + 0.5 * rng.normal(size=(len(signal), d)) + 0.3 * rng.normal(size=d), 0)


def pair(n, d):
    """Two layers that see the same inputs."""
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(n, 200))
    return {"x": activations(rng, signal, d), "y": activations(rng, signal, d)}


def layers(n, d):
    """The layers of one network, neighbours more alike than distant ones."""
    rng = np.random.default_rng(1)
    signal = rng.normal(size=(n, 200))
    out = {}
    for layer in range(LAYERS):
        signal = 0.9 * signal + np.sqrt(1 - 0.81) * rng.normal(size=signal.shape)
        out[f"layer{layer:02}"] = activations(rng, signal, d)
    return out


def graded(n, d):
    """Neurons of one shared subspace whose private noise grows from 2 % to 200 %: each leaves the match at a threshold
    of its own, so every value of epsilon takes several rounds."""
    rng = np.random.default_rng(2)
    signal = rng.normal(size=(n, d // 2))
    noise = np.geomspace(0.02, 2, d)
    return {
        side: signal @ rng.normal(size=(d // 2, d)) / np.sqrt(d // 2) + rng.permutation(noise) * rng.normal(size=(n, d))
        for side in "xy"
    }


def chain(n, d):
    """x_i = e_i, y_i = .8 e_i + .6 e_(i+1): at epsilon = .55 the last y is .6 away from every x and leaves, then the
    last x has nobody near, then the y before it is .6 away, and so on to the first: one neuron a round."""
    rng = np.random.default_rng(3)
    e = np.linalg.qr(rng.normal(size=(n, d + 1)))[0]
    return {"x": e[:, :d].copy(), "y": 0.8 * e[:, :d] + 0.6 * e[:, 1:]}


def main(kind, n, d, dtype, folder):
    folder = Path(folder)
    if folder.is_dir():
        return
    partial = folder.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    for name, matrix in {"pair": pair, "layers": layers, "graded": graded, "chain": chain}[kind](int(n), int(d)).items():
        np.save(partial / f"{name}.npy", np.ascontiguousarray(matrix, dtype={"f32": np.float32, "f64": np.float64}[dtype]))
    partial.rename(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
