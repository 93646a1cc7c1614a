"""repsim (You): CCA, SVCCA, PWCCA, HSIC and CKA."""

import repsim

from recorder import Recorder, cases

RANK = "divides by n directions, one more than centring leaves"

recorder = Recorder("repsim", __file__)
for case, x, y in cases():
    pair = [x, y]
    recorder.add(
        case, "cca", repsim.cca(pair, "pillai")[0, 1], note=RANK
    )
    recorder.add(
        case,
        "cca(summary=mean-squared)",
        repsim.cca(pair, "yanai")[0, 1],
        note=RANK,
    )
    recorder.add(
        case,
        "svcca",
        repsim.svcca(pair, "pillai")[0, 1],
        note="orthonormalises before it truncates: all singular values are one then, and nothing is noise",
    )
    recorder.add(
        case, "pwcca", repsim.pwcca(pair)[0, 1], note="averages the two directions; ours weights by the neurons of x"
    )
    for estimator in ("gretton", "song", "lange"):
        recorder.add(
            case,
            f"hsic(estimator={estimator})",
            repsim.hsic(pair, "linear", estimator)[0, 1],
            note="its linear kernel is not centred first",
        )
        label = "cka" if estimator == "song" else f"cka(estimator={estimator})"
        recorder.add(
            case,
            label,
            repsim.cka(pair, "linear", estimator)[0, 1],
            note="divides by the self terms of the gretton estimator",
        )
recorder.write()
