"""Three tools that are not on the package index, as recorded beforehand in `reference/reference_values.json`:
the code of Wang et al. for subspace match, netrep, and the ReSi benchmark."""

import json

from inputs import ROOT, load
from recorder import Recorder

reference = json.loads((ROOT / "reference" / "reference_values.json").read_text())["cases"]

match = Recorder("subspace-match", __file__, "commit 0d18420")
netrep = Recorder("netrep", __file__, "commit 0186b8a")
resi = Recorder("resi", __file__, "commit 24ab9e5")

NETREP = {
    "linear(alpha=1.0,angular)": "procrustes(form=angular)",
    "linear(alpha=1.0,euclidean)": "procrustes",
    "linear(alpha=0.5,angular)": "shape(compat=netrep)",
    "linear(alpha=0.5,euclidean)": "shape(form=euclidean, compat=netrep)",
    "linear(alpha=0.0,angular)": "shape(alpha=0.0)",
    "linear(alpha=0.0,euclidean)": "shape(alpha=0.0, form=euclidean, compat=netrep)",
    "permutation(angular)": "permutation-procrustes(form=angular)",
    "permutation(euclidean)": "permutation-procrustes",
}
# Name in ReSi → label, transform, whether our measure gets y first, reason for a difference.
RESI = {
    "correlation_match.hard_correlation_match": (
        "correlation-match",
        "identity",
        False,
        "counts dead neurons, as uncorrelated",
    ),
    "correlation_match.soft_correlation_match": (
        "correlation-match(matching=semi)",
        "identity",
        False,
        "counts dead neurons, as uncorrelated",
    ),
    "procrustes.permutation_procrustes": ("permutation-procrustes(center=false)", "identity", False, None),
    "procrustes.permutation_angular_shape_metric": (
        "permutation-procrustes(form=angular, center=false)",
        "identity",
        False,
        None,
    ),
    "cca.svcca": (
        "svcca",
        "identity",
        False,
        "compares a cumulative ratio with 0.99 times the total variance, so it keeps one component",
    ),
    "cca.pwcca": (
        "pwcca",
        "identity",
        False,
        "omits the inverse root of the covariance from the variates and adds the means back",
    ),
    "cka.centered_kernel_alignment": ("cka(estimator=gretton)", "identity", False, None),
    "eigenspace_overlap.eigenspace_overlap_score": ("eos", "identity", False, None),
    "gulp.gulp": ("gulp(penalty=0)", "square", False, None),
    "linear_regression.linear_reg": ("linear-regression", "identity", True, None),
    "procrustes.procrustes_size_and_shape_distance": ("procrustes", "identity", False, None),
    "procrustes.orthogonal_procrustes": ("procrustes", "identity", False, "does not centre"),
    "procrustes.aligned_cossim": ("aligned-cosine", "identity", False, None),
    "procrustes.orthogonal_procrustes_centered_and_normalized": (
        "procrustes(form=normalized)",
        "identity",
        False,
        None,
    ),
    "procrustes.orthogonal_angular_shape_metric_centered": ("procrustes(form=angular)", "identity", False, None),
    "rsa.representational_similarity_analysis": ("rsa(rdm=correlation, comparator=spearman)", "identity", False, None),
    "rsm_norm_difference.rsm_norm_diff": ("rsm-norm(norm=spectral)", "identity", False, None),
    "procrustes.orthogonal_angular_shape_metric": ("procrustes(form=angular)", "identity", False, "does not centre"),
}

for case, tools in reference.items():
    x, y = load(case)
    for epsilon, sets in tools["subspace_match"].items():
        matched = (len(sets["x"]) + len(sets["y"])) / (x.shape[1] + y.shape[1])
        label = f"maximum-match(epsilon={float(epsilon)})"
        match.add(case, label, matched)
    for name, label in NETREP.items():
        netrep.add(case, label, tools["netrep"][name])
    for name, (label, transform, swapped, note) in RESI.items():
        if name in tools["resi"]:
            resi.add(
                case, label, tools["resi"][name], transform=transform, swapped=swapped, note=note, tolerance_floor=1e-8
            )
for recorder in (match, netrep, resi):
    recorder.write()
