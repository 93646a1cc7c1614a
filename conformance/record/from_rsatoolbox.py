"""rsatoolbox: on squared-Euclidean dissimilarities the whitened cosine is linear CKA, and `bures` is NBS."""

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare

from recorder import Recorder, cases

recorder = Recorder("rsatoolbox", __file__)
for case, x, y in cases():
    if len(x) > 60:  # its whitening matrix has n⁴/4 entries
        continue
    # Its `euclidean` is the squared distance divided by the number of neurons: a factor that cancels.
    a, b = (calc_rdm(Dataset(np.array(m)), method="euclidean") for m in (x, y))
    recorder.add(case, "cka(estimator=gretton)", compare(a, b, method="cosine_cov").item(), tolerance_floor=1e-6)
    recorder.add(case, "nbs", compare(a, b, method="bures").item(), tolerance_floor=1e-6)
recorder.write()
