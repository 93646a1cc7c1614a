"""dcor: both distance correlations; its U-centred product of two similarity matrices is the U-statistic of HSIC, its double-centred product the
plug-in one (there divided by n² where Gretton's paper has (n−1)²). The matrices are of inner products, or of a Gaussian
kernel of its own distances."""

import dcor
import numpy as np

from recorder import Recorder, cases

recorder = Recorder("dcor", __file__)


def gaussian(a):
    d = dcor.distances.pairwise_distances(a)
    median = np.median(d[np.triu_indices(len(d), 1)])
    return np.exp(-(d**2) / (2 * median**2))


for case, x, y in cases():
    n = len(x)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    recorder.add(case, "dcor", dcor.u_distance_correlation_sqr(x, y))
    recorder.add(case, "dcor(estimator=biased)", dcor.distance_correlation(x, y))
    for kernel, grams in (("", (x @ x.T, y @ y.T)), ("kernel=rbf, ", (gaussian(x), gaussian(y)))):
        u = [dcor.u_centered(g - np.diag(np.diag(g))) for g in grams]
        song = [dcor.u_product(u[i], u[j]) for i, j in ((0, 1), (0, 0), (1, 1))]
        recorder.add(case, f"hsic({kernel}estimator=song)", song[0])
        label = f"cka({kernel}estimator=song)" if kernel else "cka"
        recorder.add(case, label, song[0] / np.sqrt(song[1] * song[2]))
        h = [dcor.double_centered(g) for g in grams]
        plug_in = [dcor.mean_product(h[i], h[j]) for i, j in ((0, 1), (0, 0), (1, 1))]
        recorder.add(case, f"hsic({kernel}estimator=gretton)", plug_in[0] * (n / (n - 1)) ** 2)
        recorder.add(case, f"cka({kernel}estimator=gretton)", plug_in[0] / np.sqrt(plug_in[1] * plug_in[2]))
recorder.write()
