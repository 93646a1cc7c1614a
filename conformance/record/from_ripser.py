"""ripser.py: the bars of the graphs that RTD and MTopDiv are defined by. It keeps distances in single precision."""

import numpy as np
from formulas import Undefined, mtopdiv, mtopdiv_each, rtd
from recorder import Recorder, cases
from ripser import ripser

# Single precision, added up over a few hundred bars.
SINGLE = 1e-5


def loops(d):
    bars = ripser(d, distance_matrix=True, maxdim=1)["dgms"][1]
    return (bars[:, 1] - bars[:, 0]).sum(dtype=np.float64)


recorder = Recorder("ripser", __file__)
for case, x, y in cases():
    for label, formula in {
        "rtd": rtd(False, loops),
        "rtd(compat=rtd)": rtd(True, loops),
        "mtopdiv": mtopdiv_each(loops),
        "mtopdiv(collapse=x)": mtopdiv("x", loops),
    }.items():
        try:
            recorder.add(case, label, formula(x, y), tolerance_floor=SINGLE)
        except Undefined:
            pass
recorder.write()
