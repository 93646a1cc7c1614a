"""Collects the values of one package and writes them as one flat list, each checked against the papers' formulas.

A record says: on inputs `x` and `y`, the package printed `value`; it should be `transform` applied to what our measure
`label` gives. Whether it `agrees` is computed here, against `formulas.py`, and never stated by hand: a record that
disagrees must carry a note with the reason, one that agrees must not claim to differ.
"""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

import formulas
from inputs import PURPOSE, ROOT, load

# From our value to the package's value. The Rust test knows the same names.
TRANSFORMS = {
    "identity": lambda v: v,
    "square": lambda v: v * v,
    "sqrt": math.sqrt,
    "cos": math.cos,
    "arccos": math.acos,
    "one_minus": lambda v: 1 - v,
    "one_minus_square": lambda v: 1 - v * v,
    "half_square": lambda v: v * v / 2,
}

# Relative to max(1, |value|). An offset of 1e4 costs about eight digits in what squares uncentred data; files in
# single precision may be multiplied in single precision; the root of a difference that is zero keeps half the digits.
TOLERANCE = 1e-9
TOLERANCE_OF_CASE = {"offset_100x8x8": 1e-8, "single_precision_90x10x8": 1e-5}
TOLERANCE_OF = {
    ("offset_100x8x8", "eos"): 1e-6,
    ("offset_100x8x8", "mean-match"): 1e-6,
    ("wide_24x40x30", "gulp(penalty=0)"): 1e-5,
}


def tolerance(case: str, label: str) -> float:
    return TOLERANCE_OF.get((case, label)) or TOLERANCE_OF_CASE.get(case, TOLERANCE)


def close(a: float, b: float, tol: float) -> bool:
    return bool(abs(a - b) <= tol * max(1.0, abs(b)))


@lru_cache(maxsize=None)
def expected(case: str, label: str, swapped: bool) -> float | None:
    """What the formula of the paper gives, or None where it gives no number."""
    x, y = load(case)
    try:
        return formulas.MEASURES[label](y, x) if swapped else formulas.MEASURES[label](x, y)
    except formulas.Undefined:
        return None


@dataclass
class Recorder:
    """`tool` is the name of the package; `script` is passed as `__file__`."""

    tool: str
    script: str
    version: str = ""
    records: list = field(default_factory=list)

    def add(
        self,
        case: str,
        label: str,
        value: float,
        *,
        transform: str = "identity",
        swapped: bool = False,
        note: str | None = None,
        tolerance_floor: float = 0.0,
    ) -> None:
        """`swapped`: our measure is given y first. `note` is kept only where the value really differs."""
        value = float(value)
        if not math.isfinite(value):
            return
        ours = expected(case, label, swapped)
        if ours is None:
            return
        tol = max(tolerance(case, label), tolerance_floor)
        agrees = close(TRANSFORMS[transform](ours), value, tol)
        if not agrees and note is None:
            raise SystemExit(
                f"{self.tool}: {label} on {case} is {value}, the formula gives {TRANSFORMS[transform](ours)}: "
                "say why in a note"
            )
        sides = [f"inputs/{case}.{side}.npy" for side in ("yx" if swapped else "xy")]
        record = {
            "case": case,
            "label": label,
            "x": sides[0],
            "y": sides[1],
            "value": value,
            "transform": transform,
            "tolerance": tol,
            "agrees": agrees,
        }
        if not agrees:
            record["note"] = note
        self.records.append(record)

    def write(self) -> None:
        path = ROOT / "values" / f"{self.tool}.json"
        head = {
            "tool": self.tool,
            "version": self.version or version(self.tool),
            "script": f"record/{Path(self.script).name}",
        }
        lines = ",\n".join("  " + json.dumps(record, ensure_ascii=False) for record in self.records)
        text = json.dumps(head, indent=1)[:-2] + ',\n "records": [\n' + lines + "\n ]\n}"
        path.write_text(text + "\n")
        agree = sum(r["agrees"] for r in self.records)
        print(f"{path.name}: {len(self.records)} values, {len(self.records) - agree} of them differ with a reason")


def cases() -> list[tuple[str, np.ndarray, np.ndarray]]:
    return [(case, *load(case)) for case in PURPOSE]
