"""The papers' formulas themselves (`formulas.py`): every measure on every case."""

import numpy as np

from formulas import MEASURES
from recorder import Recorder, cases, expected

recorder = Recorder("formulas", __file__, f"numpy {np.__version__}")
for case, _, _ in cases():
    for label in MEASURES:
        value = expected(case, label, False)
        if value is not None:
            recorder.add(case, label, value)
    for label in ("linear-regression", "pwcca", "correlation-match(matching=semi-x)"):  # the asymmetric ones, the other way round
        recorder.add(case, label, expected(case, label, True), swapped=True)
recorder.write()
