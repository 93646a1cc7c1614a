//! Writing a `.safetensors` file some inputs at a time, for activations that do not fit in memory.
//!
//! The header stands first and has every offset in it, so shapes must be known before the first number is; the numbers
//! may then come in any order.

use crate::{Error, Result, Tensor};
use bytemuck::cast_slice;
use isorep::Values;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file that is being written; numbers are kept as f32.
pub struct SafetensorsStream<W> {
    file: PathBuf,
    out: W,
    layers: Vec<Place>,
}

/// Where the numbers of a layer go.
struct Place {
    start: u64,
    /// Bytes of one input.
    each: u64,
    inputs: usize,
    written: usize,
}

impl<W: Write + Seek> SafetensorsStream<W> {
    /// Writes the header: layers with their whole shapes, inputs first, and metadata. `file` is for errors.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::DuplicateLayer`] if two layers have the same name.
    pub fn new(
        file: &Path,
        mut out: W,
        layers: &[(&str, &[usize])],
        metadata: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut header = Map::new();
        if !metadata.is_empty() {
            header.insert("__metadata__".into(), json!(metadata));
        }
        let (mut places, mut end) = (Vec::new(), 0_u64);
        for (name, shape) in layers {
            let each = shape[1..].iter().product::<usize>() as u64 * 4;
            let start = end;
            end += each * shape[0] as u64;
            let entry: Value = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, end]});
            if header.insert((*name).into(), entry).is_some() {
                return Err(Error::DuplicateLayer { file: file.into(), layer: (*name).into() });
            }
            places.push(Place { start, each, inputs: shape[0], written: 0 });
        }
        let mut header = Value::Object(header).to_string().into_bytes();
        // Readers map the numbers as they are, which needs their beginning aligned.
        header.resize(header.len().next_multiple_of(8), b' ');
        let begin = 8 + header.len() as u64;
        places.iter_mut().for_each(|place| place.start += begin);
        let mut write = || {
            out.write_all(&(header.len() as u64).to_le_bytes())?;
            out.write_all(&header)
        };
        write().map_err(|cause| Error::writing(file, cause))?;
        Ok(Self { file: file.into(), out, layers: places })
    }

    /// Writes some inputs of a layer, from input `first` on.
    ///
    /// # Errors
    /// [`Error::Io`], also if they are not as many numbers as the header promised.
    pub fn put(&mut self, layer: usize, first: usize, tensor: &Tensor) -> Result<()> {
        let numbers = narrowed(tensor.values());
        let bytes: &[u8] = cast_slice(&numbers);
        let (place, count) = (&mut self.layers[layer], tensor.shape()[0]);
        let fits = first + count <= place.inputs && count as u64 * place.each == bytes.len() as u64;
        place.written += count;
        let at = place.start + first as u64 * place.each;
        let mut write = || {
            if !fits || cfg!(target_endian = "big") {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the numbers do not fit the header"));
            }
            self.out.seek(SeekFrom::Start(at))?;
            self.out.write_all(bytes)
        };
        write().map_err(|cause| Error::writing(&self.file, cause))
    }

    /// Ends the file; every input of every layer must have been written.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<W> {
        let whole = self.layers.iter().all(|place| place.written == place.inputs);
        let missing = || io::Error::new(io::ErrorKind::UnexpectedEof, "inputs are missing");
        let flushed = if whole { self.out.flush() } else { Err(missing()) };
        flushed.map_err(|cause| Error::writing(&self.file, cause))?;
        Ok(self.out)
    }
}

fn narrowed(values: &Values) -> Vec<f32> {
    match values {
        Values::F16(owner) => (**owner).as_ref().iter().map(|v| v.to_f32()).collect(),
        Values::Bf16(owner) => (**owner).as_ref().iter().map(|v| v.to_f32()).collect(),
        Values::F32(owner) => (**owner).as_ref().to_vec(),
        Values::F64(owner) => (**owner).as_ref().iter().map(|&v| v as f32).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Trace};
    use std::io::Cursor;
    use std::sync::Arc;

    fn tensor(shape: &[usize], from: usize) -> Tensor {
        let count: usize = shape.iter().product();
        let numbers: Vec<f32> = (from..from + count).map(|i| i as f32).collect();
        Tensor::new("x", "x", shape.to_vec(), Values::F32(Arc::new(numbers))).unwrap()
    }

    #[test]
    fn inputs_in_any_order_are_read_back_whole() {
        let metadata = BTreeMap::from([("who".to_owned(), "me".to_owned())]);
        let layers: [(&str, &[usize]); 2] = [("conv", &[3, 2, 2]), ("a fc", &[3, 5])];
        let mut stream =
            SafetensorsStream::new(Path::new("x"), Cursor::new(Vec::new()), &layers, &metadata).unwrap();
        stream.put(0, 1, &tensor(&[2, 2, 2], 4)).unwrap();
        stream.put(1, 0, &tensor(&[3, 5], 0)).unwrap();
        stream.put(0, 0, &tensor(&[1, 2, 2], 0)).unwrap();
        let bytes = stream.finish().unwrap().into_inner();
        let trace = Trace::from_bytes("x", Format::Safetensors, bytes).unwrap();
        assert_eq!(trace.metadata()["who"], "me");
        let read = |at: usize| match trace.layers()[at].read().unwrap().values() {
            Values::F32(owner) => (**owner).as_ref().to_vec(),
            _ => panic!("not f32"),
        };
        assert_eq!((trace.layers()[0].name(), read(0)), ("a fc", (0..15).map(|i| i as f32).collect()));
        assert_eq!(
            (trace.layers()[1].shape(), read(1)),
            (&[3, 2, 2][..], (0..12).map(|i| i as f32).collect())
        );
    }

    #[test]
    fn what_does_not_fit_or_is_missing_is_an_error() {
        let layers: [(&str, &[usize]); 1] = [("a", &[3, 2])];
        let new = || {
            SafetensorsStream::new(Path::new("x"), Cursor::new(Vec::new()), &layers, &BTreeMap::new())
                .unwrap()
        };
        assert!(new().put(0, 2, &tensor(&[2, 2], 0)).is_err());
        assert!(new().put(0, 0, &tensor(&[2, 3], 0)).is_err());
        let mut part = new();
        part.put(0, 0, &tensor(&[2, 2], 0)).unwrap();
        assert!(part.finish().is_err());
    }
}
