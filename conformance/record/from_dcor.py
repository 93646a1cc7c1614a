"""dcor: its U-centred product of two similarity matrices is the U-statistic of HSIC, its double-centred product the
plug-in one (there divided by n² where Gretton's paper has (n−1)²)."""

import dcor
import numpy as np

from recorder import Recorder, cases

recorder = Recorder("dcor", __file__)
for case, x, y in cases():
    n = len(x)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    u = [dcor.u_centered(g - np.diag(np.diag(g))) for g in (x @ x.T, y @ y.T)]
    song = [dcor.u_product(u[i], u[j]) for i, j in ((0, 1), (0, 0), (1, 1))]
    recorder.add(case, "hsic(estimator=song)", song[0])
    recorder.add(case, "cka", song[0] / np.sqrt(song[1] * song[2]))
    h = [dcor.double_centered(g) for g in (x @ x.T, y @ y.T)]
    plug_in = [dcor.mean_product(h[i], h[j]) for i, j in ((0, 1), (0, 0), (1, 1))]
    recorder.add(case, "hsic(estimator=gretton)", plug_in[0] * (n / (n - 1)) ** 2)
    recorder.add(case, "cka(estimator=gretton)", plug_in[0] / np.sqrt(plug_in[1] * plug_in[2]))
recorder.write()
