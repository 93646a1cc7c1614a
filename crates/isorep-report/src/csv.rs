//! CSV: one row a number, with what identifies it repeated in every row, so that rows can be filtered and joined.

use crate::{
    Axis, CaptureReport, CatalogueEntry, Comparison, DemoReport, LadderReport, LayersReport, MatchReport,
    ParityReport, RungValue, SweepReport, WarningPage,
};
use serde::Serialize;

/// One row a pair and measure.
pub(crate) fn comparison(report: &Comparison) -> String {
    let head = [
        "x_source",
        "x",
        "y_source",
        "y",
        "n",
        "d_x",
        "d_y",
        "rank_x",
        "rank_y",
        "label",
        "id",
        "kind",
        "value",
        "chance",
        "reason",
        "sd",
        "z",
        "p",
        "threshold",
        "calibrated",
        "low",
        "high",
        "warnings",
        "outcome",
    ];
    let rows = report.pairs.iter().flat_map(|pair| {
        let verdict = pair.judgement.as_ref().and_then(|judgement| judgement.verdict.as_ref());
        let outcome = verdict.map(|verdict| verdict.outcome);
        pair.readings.iter().map(move |reading| {
            let of_pair = (&report.x.path, &pair.x, &report.y.path, &pair.y, pair.n, pair.d_x, pair.d_y);
            let of_reading = (&reading.label, &reading.id, reading.kind, reading.value, reading.chance);
            let evidence = reading.evidence.as_ref();
            let chance = evidence.and_then(|evidence| evidence.chance);
            let of = |field: fn(isorep::reading::Chance) -> Option<f64>| chance.and_then(field);
            let of_chance =
                (of(|c| c.sd), of(|c| c.z), of(|c| c.p), of(|c| c.threshold), of(|c| c.calibrated));
            let interval = evidence.and_then(|evidence| evidence.interval);
            let ends = (interval.map(|interval| interval.low), interval.map(|interval| interval.high));
            let codes: Vec<String> =
                reading.warnings.iter().map(|warning| warning.code.to_string()).collect();
            let of_pair = (of_pair, pair.rank_x, pair.rank_y);
            (of_pair, of_reading, &reading.reason, of_chance, ends, codes.join(" "), outcome)
        })
    });
    table(&head, rows)
}

/// One row a pair and point.
pub(crate) fn sweep(report: &SweepReport) -> String {
    let head = [
        "x",
        "y",
        "n",
        "over",
        "at",
        "label",
        "value",
        "reason",
        "chance",
        "sd",
        "p",
        "threshold",
        "calibrated",
    ];
    let rows = report.pairs.iter().flat_map(|pair| {
        pair.points.iter().map(move |point| {
            let at = match &point.at {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let chance = point.chance;
            let of = |field: fn(isorep::reading::Chance) -> Option<f64>| chance.and_then(field);
            let of_chance =
                (of(|c| Some(c.mean)), of(|c| c.sd), of(|c| c.p), of(|c| c.threshold), of(|c| c.calibrated));
            let of_point = (&pair.x, &pair.y, point.n, &report.settings.over, at, &point.label);
            (of_point, point.value, &point.reason, of_chance)
        })
    });
    table(&head, rows)
}

/// One row.
pub(crate) fn warning(page: &WarningPage) -> String {
    table(&["code", "title", "page"], [(&page.code, &page.title, &page.page)].into_iter())
}

/// One row a pair.
pub(crate) fn matching(report: &MatchReport) -> String {
    let head = [
        "x_source",
        "x",
        "y_source",
        "y",
        "n",
        "d_x",
        "d_y",
        "rank_x",
        "rank_y",
        "rank_joint",
        "ambient",
        "epsilon",
        "similarity",
        "score",
        "draws",
        "reason",
    ];
    let rows = report.pairs.iter().map(|pair| {
        let figures = pair.figures.as_ref();
        let first = figures.and_then(|f| f.draws.first());
        let ranks = first.map(|d| (d.rank_x, d.rank_y, d.rank_joint, d.ambient));
        let cell = |value: Option<usize>| value.map(|v| v.to_string()).unwrap_or_default();
        let ranks =
            [ranks.map(|r| r.0), ranks.map(|r| r.1), ranks.map(|r| r.2), ranks.map(|r| r.3)].map(cell);
        let of_pair = (&report.x.path, &pair.x, &report.y.path, &pair.y, pair.n, pair.d_x, pair.d_y);
        let values =
            (figures.map(|f| f.similarity), figures.map(|f| f.score), figures.map(|f| f.draws.len()));
        (of_pair, ranks, report.settings.epsilon, values, &pair.reason)
    });
    table(&head, rows)
}

/// One row a pair, rung and direction.
pub(crate) fn ladder(report: &LadderReport) -> String {
    let head = [
        "x_source",
        "x",
        "y_source",
        "y",
        "n",
        "d_x",
        "d_y",
        "map",
        "direction",
        "explained",
        "chance",
        "chance_sd",
        "reason",
    ];
    let rows = report.pairs.iter().flat_map(|pair| {
        let of_pair = (&report.x.path, &pair.x, &report.y.path, &pair.y, pair.n, pair.d_x, pair.d_y);
        let rungs = pair.rungs.iter().flat_map(move |rung| {
            [("x-to-y", &rung.forward), ("y-to-x", &rung.backward)].map(|(direction, value)| {
                let RungValue { explained, chance, chance_sd, reason } = value;
                (of_pair, rung.map.as_str(), direction, *explained, *chance, *chance_sd, reason)
            })
        });
        let none = pair.reason.is_some().then_some((of_pair, "", "", None, None, None, &pair.reason));
        rungs.chain(none)
    });
    table(&head, rows)
}

/// One row a layer and measure; the ladder and the closing words are in the other formats.
pub(crate) fn demo(report: &DemoReport) -> String {
    let head = ["layer", "n", "d", "label", "trained", "untrained", "reason"];
    let zero = &report.zero_match;
    let of_layers = report.layers.iter().flat_map(|layer| {
        layer.measures.iter().map(move |measure| (layer.name.as_str(), layer.n, layer.d, measure))
    });
    let of_pair = zero.measures.iter().map(|measure| ("relu-read-out", zero.n, zero.ranks[0], measure));
    let rows = of_layers.chain(of_pair).map(|(layer, n, d, measure)| {
        (layer, n, d, &measure.label, measure.trained, measure.untrained, &measure.reason)
    });
    table(&head, rows)
}

/// One row a measure.
pub(crate) fn catalogue(entries: &[CatalogueEntry]) -> String {
    let head = [
        "id",
        "title",
        "family",
        "kind",
        "lowest",
        "highest",
        "symmetric",
        "metric",
        "invariance_x",
        "invariance_y",
        "needs",
        "formula",
        "reference",
        "aligned",
        "equal_widths",
    ];
    let rows = entries.iter().map(|e| {
        let of_values = (e.range[0], e.range[1], e.symmetric, e.metric);
        let invariance = (e.invariance_x.join(", "), e.invariance_y.join(", "));
        let of_shapes = (e.aligned, e.equal_widths);
        (
            (&e.id, &e.title, e.family, e.kind),
            of_values,
            invariance,
            &e.needs,
            &e.formula,
            &e.reference,
            of_shapes,
        )
    });
    table(&head, rows)
}

/// One row a layer.
pub(crate) fn parity(report: &ParityReport) -> String {
    let head = [
        "x_source",
        "y_source",
        "layer",
        "operator",
        "n",
        "d",
        "diverges",
        "limit",
        "relative_error",
        "signal_to_noise",
        "cosine",
        "largest",
        "total_relative_error",
        "total_signal_to_noise",
        "total_cosine",
        "total_largest",
        "cka",
        "floor",
        "beyond",
        "not_finite",
        "worst_input",
        "worst_relative_error",
    ];
    let rows = report.layers.iter().map(|layer| {
        let of_layer = (&report.x, &report.y, &layer.name, &layer.operator, report.n, layer.d);
        let worst = layer.worst.as_ref();
        (
            of_layer,
            (layer.diverges, layer.limit),
            layer.median,
            layer.total,
            (layer.cka, layer.floor, layer.beyond, layer.not_finite),
            (worst.map(|worst| worst.input), worst.and_then(|worst| worst.relative_error)),
        )
    });
    table(&head, rows)
}

/// One row a value.
pub(crate) fn layers(report: &LayersReport) -> String {
    let head = ["source", "layer", "operator", "dtype", "shape", "alias_of", "is_output"];
    let axis = |axis: &Axis| match axis {
        Axis::Size(size) => size.to_string(),
        Axis::Open(name) => name.clone().unwrap_or_else(|| "?".into()),
    };
    let rows = report.layers.iter().map(|layer| {
        let shape = layer.shape.as_ref().map(|axes| axes.iter().map(axis).collect::<Vec<_>>().join("x"));
        (&report.path, &layer.name, &layer.operator, &layer.dtype, shape, &layer.alias_of, layer.is_output)
    });
    table(&head, rows)
}

/// One row a layer.
pub(crate) fn capture(report: &CaptureReport) -> String {
    let head = ["model", "inputs", "file", "layer", "operator", "value_shape", "shape", "steps"];
    let sizes = |shape: &[usize]| shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("x");
    let rows = report.layers.iter().map(|layer| {
        let of_file = (&report.model, &report.inputs, &report.file);
        let shapes = (sizes(&layer.value_shape), sizes(&layer.shape));
        (of_file, &layer.name, &layer.operator, shapes, layer.steps.join("; "))
    });
    table(&head, rows)
}

fn table<R: Serialize>(head: &[&str], rows: impl Iterator<Item = R>) -> String {
    let mut writer = ::csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(head).expect(IN_MEMORY);
    for row in rows {
        writer.serialize(row).expect(IN_MEMORY);
    }
    let bytes = writer.into_inner().expect(IN_MEMORY);
    String::from_utf8(bytes).expect("all cells are text")
}

const IN_MEMORY: &str = "rows of texts and numbers, as many as there are heads, are written to memory";
