"""pytorch-cka: debiased linear CKA from features."""

import torch
from cka import cka_from_features

from recorder import Recorder, cases

recorder = Recorder("pytorch-cka", __file__)
for case, x, y in cases():
    value = cka_from_features(torch.from_numpy(x), torch.from_numpy(y)).item()
    recorder.add(case, "cka", value, note="forms uncentred Gram matrices, and their cancellation is left to rounding")
recorder.write()
