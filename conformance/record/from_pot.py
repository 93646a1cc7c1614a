"""POT: exact optimal transport between the neurons of both sides, in full and in part."""

import numpy as np
import ot

from matched import centred, of_neurons, squared_distances, uniform
from recorder import Recorder, cases

recorder = Recorder("pot", __file__)
for case, x, y in cases():
    for label, part, mass, side in (
        ("soft-match", "soft-match(mass=0.5)", 0.5, centred),
        ("soft-match(scaling=neurons)", "soft-match(scaling=neurons, mass=0.1)", 0.1, of_neurons),
    ):
        a, b = side(x), side(y)
        cost = squared_distances(a, b)
        recorder.add(case, label, ot.emd2(*uniform(a, b), cost, numItermax=10**7), transform="square")
        plan = ot.partial.partial_wasserstein(*uniform(a, b), cost, m=mass, numItermax=10**7)
        recorder.add(case, part, (plan * cost).sum(), transform="square")
    a, b = of_neurons(x), of_neurons(y)
    plan = ot.emd(*uniform(a, b), 1 - a.T @ b, numItermax=10**7)
    recorder.add(case, "correlation-match(matching=transport)", (plan * (a.T @ b)).sum())
recorder.write()
