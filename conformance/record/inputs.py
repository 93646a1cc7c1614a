"""The matrices that every value is recorded on: what each case is for, and how it was made.

The files under `inputs/` are the data; `python record/inputs.py` writes those that this script can make again
(the first three came with `reference/` and are only listed). Single-precision files stay single precision,
so a reader must widen them.
"""

import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "inputs"

PURPOSE = {
    "shared_subspace_60x12x9": "part of the neurons lie in a subspace that both sides share",
    "rotated_noise_80x20x20": "y is a rotation of x with noise",
    "relu_zero_neuron_120x16x16": "rectified activations, with a neuron that is always zero",
    "tall_200x12x9": "many more inputs than neurons, a shared signal, different widths",
    "wide_24x40x30": "fewer inputs than neurons: correlations saturate, spans are everything",
    "rank_deficient_80x10x10": "x has rank 6 in 10 neurons",
    "offset_100x8x8": "every neuron sits at 1e4 with a standard deviation near 1",
    "one_neuron_50x1x1": "one neuron on each side",
    "single_precision_90x10x8": "stored as f32",
}


def load(case: str) -> tuple[np.ndarray, np.ndarray]:
    """Both sides of a case, widened to f64."""
    return tuple(np.load(FOLDER / f"{case}.{side}.npy").astype(np.float64) for side in "xy")


def make() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The cases that are not part of the reference."""
    cases = {}

    rng = np.random.default_rng(1)
    signal = rng.normal(size=(200, 6))
    cases["tall_200x12x9"] = tuple(
        signal @ rng.normal(size=(6, d)) + 0.7 * rng.normal(size=(200, d)) + rng.normal(size=d) for d in (12, 9)
    )

    rng = np.random.default_rng(2)
    signal = rng.normal(size=(24, 5))
    cases["wide_24x40x30"] = tuple(
        signal @ rng.normal(size=(5, d)) + rng.normal(size=(24, d)) for d in (40, 30)
    )

    rng = np.random.default_rng(3)
    factor = rng.normal(size=(80, 6))
    x = factor @ rng.normal(size=(6, 10))
    y = 0.5 * x @ rng.normal(size=(10, 10)) + rng.normal(size=(80, 10))
    cases["rank_deficient_80x10x10"] = x, y

    rng = np.random.default_rng(4)
    x = rng.normal(size=(100, 8))
    y = x @ rng.normal(size=(8, 8)) / np.sqrt(8) + 0.5 * rng.normal(size=(100, 8))
    cases["offset_100x8x8"] = x + 1e4, y + 1e4

    rng = np.random.default_rng(5)
    x = rng.normal(size=(50, 1))
    cases["one_neuron_50x1x1"] = x, 0.6 * x + 0.8 * rng.normal(size=(50, 1)) + 0.3

    rng = np.random.default_rng(6)
    x = rng.normal(size=(90, 10)).astype(np.float32)
    y = (x[:, :8] + 0.5 * rng.normal(size=(90, 8))).astype(np.float32)
    cases["single_precision_90x10x8"] = x, y

    return cases


def main() -> None:
    for case, sides in make().items():
        for side, matrix in zip("xy", sides):
            np.save(FOLDER / f"{case}.{side}.npy", np.ascontiguousarray(matrix))
    index = []
    for case, purpose in PURPOSE.items():
        x, y = (np.load(FOLDER / f"{case}.{side}.npy") for side in "xy")
        assert x.flags.c_contiguous and y.flags.c_contiguous and x.dtype == y.dtype
        index.append(
            {
                "case": case,
                "x": f"inputs/{case}.x.npy",
                "y": f"inputs/{case}.y.npy",
                "n": x.shape[0],
                "d_x": x.shape[1],
                "d_y": y.shape[1],
                "dtype": str(x.dtype),
                "purpose": purpose,
            }
        )
    (FOLDER / "cases.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
