"""qc-procrustes: its error is the squared residual after an orthogonal map."""

from procrustes import orthogonal

from recorder import Recorder, cases

recorder = Recorder("qc-procrustes", __file__)
for case, x, y in cases():
    recorder.add(case, "procrustes", orthogonal(x, y, pad=True, translate=True).error, transform="square")
    recorder.add(
        case,
        "procrustes(form=normalized)",
        orthogonal(x, y, pad=True, translate=True, scale=True).error,
        transform="square",
    )
recorder.write()
