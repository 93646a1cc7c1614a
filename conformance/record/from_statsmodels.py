"""statsmodels: canonical correlations. It refuses collinear neurons, so those cases have no value."""

import numpy as np
from statsmodels.multivariate.cancorr import CanCorr

from recorder import Recorder, cases

recorder = Recorder("statsmodels", __file__)
for case, x, y in cases():
    try:
        rho = CanCorr(y, x).cancorr
    except ValueError:
        continue
    recorder.add(case, "cca", np.mean(rho))
    recorder.add(case, "cca(summary=mean-squared)", np.mean(np.square(rho)))
recorder.write()
