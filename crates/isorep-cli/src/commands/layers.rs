//! `isorep layers FILE`: what a model or a file of activations holds.

use crate::args::{Fed, Layers};
use crate::diagnostics::Failure;
use crate::output::Output;
use crate::side::bind;
use isorep_io::Selection;
use isorep_onnx::{Dimension, Model};
use isorep_report::{Axis, InputEntry, LayersReport, SCHEMA, SkippedEntry, ValueEntry};

pub(crate) fn run(args: &Layers, output: &Output) -> Result<(), Failure> {
    let terms = args.layers.join(",");
    let selection = if terms.is_empty() { None } else { Some(Selection::parse(&terms)?) };
    let report = if Model::is_one(&args.path) {
        of_model(args, selection.as_ref())?
    } else {
        of_trace(args, selection.as_ref())?
    };
    output.report(&report)
}

fn empty(args: &Layers) -> LayersReport {
    LayersReport {
        schema: SCHEMA,
        isorep: env!("CARGO_PKG_VERSION").into(),
        path: args.path.display().to_string(),
        inputs: Vec::new(),
        run_on: None,
        layers: Vec::new(),
        skipped: Vec::new(),
        notes: Vec::new(),
    }
}

fn of_trace(args: &Layers, selection: Option<&Selection>) -> Result<LayersReport, Failure> {
    if args.inputs.is_some() {
        let path = args.path.display();
        return Err(Failure::new(format!("`--inputs` is for models, and `{path}` is none")));
    }
    let trace = isorep_io::open(&args.path)?;
    let layers = match selection {
        Some(selection) => trace.select(selection)?,
        None => trace.layers().iter().collect(),
    };
    let entry = |layer: &isorep_io::Layer| ValueEntry {
        name: layer.name().into(),
        operator: None,
        dtype: Some(layer.dtype().to_string()),
        shape: Some(layer.shape().iter().map(|&size| Axis::Size(size)).collect()),
        alias_of: None,
        is_output: false,
    };
    let skipped = trace.skipped().iter();
    Ok(LayersReport {
        layers: layers.into_iter().map(entry).collect(),
        skipped: skipped
            .map(|s| SkippedEntry { name: s.name.clone(), reason: s.problem.to_string() })
            .collect(),
        notes: trace.notes().to_vec(),
        ..empty(args)
    })
}

fn of_model(args: &Layers, selection: Option<&Selection>) -> Result<LayersReport, Failure> {
    let model = Model::open(&args.path)?;
    let inputs = model.inputs().iter().map(|input| InputEntry {
        name: input.name.clone(),
        dtype: input.element.to_string(),
        shape: input.shape.as_deref().map(axes),
    });
    let mut report = LayersReport { inputs: inputs.collect(), notes: model.notes(), ..empty(args) };
    // A value by its name, as the file has it.
    let entry = |name: &str| {
        model.values().iter().find(|value| value.name == name).map(|value| ValueEntry {
            name: value.name.clone(),
            operator: Some(value.operator.clone()),
            dtype: value.element.map(|element| element.to_string()),
            shape: value.shape.as_deref().map(axes),
            alias_of: value.alias_of.clone(),
            is_output: value.is_output,
        })
    };
    if args.inputs.is_some() {
        let bound = bind(&model, &Fed { inputs: args.inputs.clone(), batch: None })?;
        let loaded = model.load(selection, &bound)?;
        report.run_on = args.inputs.as_ref().map(|path| path.display().to_string());
        for layer in &loaded.layers {
            let sizes = layer.each.iter().map(|&size| Axis::Size(size));
            let shape = std::iter::once(Axis::Open(Some("inputs".into()))).chain(sizes).collect();
            report.layers.extend(entry(&layer.name).map(|entry| ValueEntry {
                dtype: Some("f32".into()),
                shape: Some(shape),
                ..entry
            }));
        }
        let skipped = loaded.left_out.into_iter();
        report.skipped = skipped.map(|out| SkippedEntry { name: out.name, reason: out.reason }).collect();
    } else {
        for value in model.select(selection)? {
            report.layers.extend(entry(&value.name));
        }
    }
    Ok(report)
}

fn axes(axes: &[Dimension]) -> Vec<Axis> {
    let axis = |axis: &Dimension| match axis {
        Dimension::Fixed(size) => Axis::Size(*size),
        Dimension::Dynamic(name) => Axis::Open(name.clone()),
    };
    axes.iter().map(axis).collect()
}
