"""Values that no label names: whole lists of principal angles (scipy), and ridge regression on folds that are written
down (scikit-learn), for tests of the parts that a single number does not show."""

import json

import numpy as np
import scipy
import sklearn
from scipy.linalg import subspace_angles
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import KFold

from formulas import basis, centred
from inputs import ROOT
from recorder import cases, tolerance

PENALTIES = np.logspace(-8, 8, 17)


def angles() -> dict:
    records = []
    for case, x, y in cases():
        qx, qy = basis(centred(x)), basis(centred(y))
        records.append(
            {
                "case": case,
                "rank_x": qx.shape[1],
                "rank_y": qy.shape[1],
                "angles": sorted(subspace_angles(qx, qy).tolist()),
                "tolerance": tolerance(case, "principal-angles"),
            }
        )
    return {
        "tool": "scipy",
        "version": scipy.__version__,
        "script": "record/unlabelled.py",
        "what": "principal angles in radians, ascending, of the centred neurons",
        "records": records,
    }


def ridge() -> dict:
    records = []
    for case, x, y in cases():
        folds = list(KFold(5).split(x))
        for penalty in (1.0, 100.0, None):
            residual, total, chosen = 0.0, 0.0, []
            for train, test in folds:
                # None: the penalty with the least generalised cross-validation error on the training rows.
                model = RidgeCV(PENALTIES) if penalty is None else Ridge(penalty, solver="svd")
                model.fit(x[train], y[train])
                chosen.append(float(getattr(model, "alpha_", penalty)))
                residual += ((y[test] - model.predict(x[test])) ** 2).sum()
                total += ((y[test] - y[train].mean(axis=0)) ** 2).sum()
            records.append(
                {
                    "case": case,
                    "penalty": penalty,
                    "chosen": chosen,
                    "r2": 1 - residual / total,
                    "tolerance": max(1e-7, tolerance(case, "ridge-cv")),
                }
            )
    return {
        "tool": "scikit-learn",
        "version": sklearn.__version__,
        "script": "record/unlabelled.py",
        "what": "R² of predicting y from x by ridge regression with an unpenalised intercept, 5 folds of consecutive "
        "rows (the first n mod 5 folds have one row more), 1 - squared error / squared distance from the training "
        "mean, both summed over folds and neurons; penalty null: chosen in each fold from 10^-8 … 10^8, one a decade, "
        "by leave-one-out error on the training rows",
        "records": records,
    }


for name, document in (("principal-angles", angles()), ("ridge-folds", ridge())):
    lines = ",\n".join("  " + json.dumps(record) for record in document.pop("records"))
    text = json.dumps(document, indent=1, ensure_ascii=False)[:-2] + ',\n "records": [\n' + lines + "\n ]\n}\n"
    (ROOT / "unlabelled" / f"{name}.json").write_text(text)
    print(f"{name}.json written")
