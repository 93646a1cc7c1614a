"""torch-cka: debiased linear CKA of whole models, in single precision; here the models hand their inputs on."""

import contextlib
import io
import warnings

import torch
from torch.utils.data import DataLoader, TensorDataset
from torch_cka import CKA

from recorder import Recorder, cases

recorder = Recorder("torch-cka", __file__)


class Identity(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Identity()

    def forward(self, a):
        return self.layer(a)


for case, x, y in cases():
    if case.startswith("offset"):  # an uncentred Gram matrix in single precision keeps no digit of it
        continue
    loaders = [DataLoader(TensorDataset(torch.from_numpy(a).float()), batch_size=len(a)) for a in (x, y)]
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stderr(io.StringIO()):
        cka = CKA(Identity(), Identity(), model1_layers=["layer"], model2_layers=["layer"], device="cpu")
        cka.compare(*loaders)
    recorder.add(case, "cka", cka.export()["CKA"].item(), tolerance_floor=1e-4)
recorder.write()
