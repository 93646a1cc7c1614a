"""ckatorch: linear CKA with three estimators, and HSIC."""

import torch
from ckatorch.core import cka_base, cka_batch
from ckatorch.hsic import hsic0, hsic1

from recorder import Recorder, cases

recorder = Recorder("ckatorch", __file__)
UNCENTRED = "forms uncentred Gram matrices, and their cancellation is left to rounding"
for case, x, y in cases():
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    k, l = x @ x.T, y @ y.T
    recorder.add(case, "cka(estimator=gretton)", cka_base(x, y).item(), note=UNCENTRED)
    recorder.add(case, "cka", cka_base(x, y, unbiased=True).item(), note=UNCENTRED)
    recorder.add(case, "cka", cka_batch(x[None], y[None]).item(), note=UNCENTRED)
    recorder.add(case, "hsic(estimator=gretton)", hsic0(k, l).item(), note=UNCENTRED)
    recorder.add(case, "hsic(estimator=song)", hsic1(k[None], l[None]).item(), note=UNCENTRED)
recorder.write()
