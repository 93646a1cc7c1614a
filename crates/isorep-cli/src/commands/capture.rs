//! `isorep capture MODEL`: runs a model and saves layers of it, some inputs at a time, so that memory does not grow with
//! their number.

use crate::args::Capture;
use crate::diagnostics::Failure;
use crate::interrupt;
use crate::output::{Output, beside};
use crate::progress::Progress;
use crate::side::{Reading, bind, leave_out, summary};
use isorep_io::{Pooling, SafetensorsStream, Selection, Tensor};
use isorep_onnx::{Batch, Inputs, Loaded, Model};
use isorep_report::{CaptureReport, CapturedEntry, SCHEMA};
use std::collections::BTreeMap;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

pub(crate) fn run(args: &Capture, output: &Output) -> Result<(), Failure> {
    let (file, output) = output.take_file();
    let file = file.ok_or_else(|| {
        Failure::new("it is not said where to save the layers").hint("`-o FILE.safetensors`")
    })?;
    if file.extension().is_none_or(|extension| extension != "safetensors") {
        return Err(Failure::new(format!("cannot save layers as `{}`", file.display()))
            .hint("layers are saved as .safetensors, which Python and `isorep` read"));
    }
    if let Some(Pooling::Positions { .. }) = args.pool {
        return Err(Failure::new("positions as rows are not saved, as rows would no longer be inputs").hint(
            "leave out `--pool`, which saves every position, and give `--pool positions` to what reads the file",
        ));
    }
    let terms = args.layers.join(",");
    let selection = if terms.is_empty() { None } else { Some(Selection::parse(&terms)?) };
    let model = Model::open(&args.model)?;
    let inputs = bind(&model, &args.fed)?;
    let mut loaded = model.load(selection.as_ref(), &inputs)?;
    if selection.is_none() && args.pool.is_some() {
        leave_out(&mut loaded, Reading { layout: args.layout, pooling: args.pool });
    }
    let mut notes = model.notes();
    notes.extend(summary(&loaded.left_out));

    let temporary = beside(file).map_err(|error| unwritable(file, &error))?;
    let unfinished = interrupt::unfinished(temporary.path());
    let mut out = BufWriter::new(temporary);
    let entries = save(args, file, &loaded, &inputs, &mut out)?;
    let writing = interrupt::hold();
    let temporary = out.into_inner().map_err(|error| unwritable(file, error.error()))?;
    temporary.as_file().sync_all().map_err(|error| unwritable(file, &error))?;
    let bytes = temporary.as_file().metadata().map_err(|error| unwritable(file, &error))?.len();
    temporary.persist(file).map_err(|error| unwritable(file, &error.error))?;
    drop(unfinished);
    drop(writing);
    output.report(&CaptureReport {
        schema: SCHEMA,
        isorep: env!("CARGO_PKG_VERSION").into(),
        model: args.model.display().to_string(),
        inputs: inputs.source().display().to_string(),
        n: inputs.n(),
        batch: inputs.batch(args.fed.batch()),
        file: file.display().to_string(),
        bytes,
        layers: entries,
        steps: inputs.steps().to_vec(),
        notes,
    })
}

fn unwritable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write `{}`: {error}", file.display()))
}

/// Runs the model over all inputs and writes each batch as it comes.
fn save(
    args: &Capture,
    file: &Path,
    loaded: &Loaded,
    inputs: &Inputs,
    out: &mut (impl Write + Seek),
) -> Result<Vec<CapturedEntry>, Failure> {
    let all: Vec<usize> = (0..loaded.layers.len()).collect();
    let progress = Progress::new("running", "inputs", inputs.n());
    let pooled = |tensor: &Tensor| match args.pool {
        Some(pooling) if tensor.shape().len() > 2 => isorep_io::pool(tensor, args.layout, pooling),
        _ => Ok(tensor.clone()),
    };
    let mut batches = loaded.run(&all, inputs, args.fed.batch()).map(|batch| -> Result<Batch, Failure> {
        interrupt::check()?;
        let Batch { inputs, tensors } = batch?;
        let tensors = tensors.iter().map(pooled).collect::<Result<_, _>>()?;
        Ok(Batch { inputs, tensors })
    });
    let first = batches.next().unwrap_or_else(|| Err(Failure::new("there are no inputs")))?;
    // The first batch tells the shapes, and with them the header.
    let entries = described(loaded, &first.tensors, inputs.n());
    let shapes: Vec<(&str, &[usize])> =
        entries.iter().map(|entry| (entry.name.as_str(), entry.shape.as_slice())).collect();
    let mut stream = SafetensorsStream::new(file, out, &shapes, &provenance(args, inputs, &entries))?;
    for batch in std::iter::once(Ok(first)).chain(batches) {
        let Batch { inputs, tensors } = batch?;
        for (at, tensor) in tensors.iter().enumerate() {
            stream.put(at, inputs.start, tensor)?;
        }
        inputs.for_each(|_| progress.tick());
    }
    stream.finish()?;
    Ok(entries)
}

fn described(loaded: &Loaded, first: &[Tensor], n: usize) -> Vec<CapturedEntry> {
    let entry = |(layer, tensor): (&isorep_onnx::Layer, &Tensor)| CapturedEntry {
        name: layer.name.clone(),
        operator: layer.operator.clone(),
        value_shape: [&[n], layer.each.as_slice()].concat(),
        shape: [&[n], &tensor.shape()[1..]].concat(),
        steps: tensor.steps().to_vec(),
    };
    loaded.layers.iter().zip(first).map(entry).collect()
}

/// Where the numbers come from, for whoever finds the file.
fn provenance(args: &Capture, inputs: &Inputs, entries: &[CapturedEntry]) -> BTreeMap<String, String> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let steps: BTreeMap<&str, &[String]> =
        entries.iter().map(|entry| (entry.name.as_str(), entry.steps.as_slice())).collect();
    let json = |value: serde_json::Value| value.to_string();
    let mut metadata = BTreeMap::from([
        ("isorep".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("model".to_owned(), name(&args.model)),
        ("inputs".to_owned(), name(inputs.source())),
        ("batch".to_owned(), inputs.batch(args.fed.batch()).to_string()),
        ("order".to_owned(), json(names.into())),
        ("steps".to_owned(), json(serde_json::json!(steps))),
    ]);
    if let Some(pooling) = args.pool {
        metadata.insert("pooling".into(), pooling.to_string());
        metadata.insert("layout".into(), args.layout.to_string());
    }
    if let Some(ids) = inputs.ids() {
        metadata.insert("ids".into(), json(ids.into()));
    }
    metadata
}
