//! The layers of one model on one set of inputs, as a file or a folder holds them; read one at a time, on demand.

use crate::decode::decode;
use crate::dtype::Encoding;
use crate::map::Bytes;
use crate::natural::natural_order;
use crate::npz::Archive;
use crate::{Dtype, Error, Format, Problem, Result, Selection, Tensor, folder, npy, npz, safetensors};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The ordered layers of one model on one set of inputs, with sample ids if the file carries them.
///
/// Opening lists names, shapes and types; no activation is read before [`Layer::read`].
#[derive(Debug, Clone)]
pub struct Trace {
    source: PathBuf,
    layers: Vec<Layer>,
    ids: Option<Vec<String>>,
    metadata: BTreeMap<String, String>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
}

/// One array that can be read.
#[derive(Clone)]
pub struct Layer {
    file: PathBuf,
    slot: Slot,
}

/// A sound array that is of no use as a representation: text, a scalar, complex numbers, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// What the array is called.
    pub name: String,
    /// Why it is left out.
    pub problem: Problem,
}

/// Opens a `.npy`, `.npz` or `.safetensors` file, or a folder of them with one file per layer.
///
/// The format is taken from the content; the extension counts only where the content says nothing. Layers are in
/// [natural order](natural_order) of their names.
///
/// # Errors
/// [`Error::Io`], [`Error::Unreadable`] if the file breaks the rules of its format or holds no array of real numbers,
/// [`Error::DuplicateLayer`] for folders.
pub fn open(path: impl AsRef<Path>) -> Result<Trace> {
    let path = path.as_ref();
    let metadata = path.metadata().map_err(|cause| Error::reading(path, cause))?;
    if metadata.is_dir() {
        return folder::open(path);
    }
    let bytes = Bytes::map(path).map_err(|cause| Error::reading(path, cause))?;
    let format = Format::detect(bytes.as_ref(), path).map_err(|problem| unreadable(path, problem.into()))?;
    Trace::of(path, format, &bytes)
}

impl Trace {
    /// Reads a file that is already in memory; errors call it `name`.
    ///
    /// # Errors
    /// As [`open`].
    pub fn from_bytes(name: impl AsRef<Path>, format: Format, bytes: Vec<u8>) -> Result<Self> {
        Self::of(name.as_ref(), format, &Bytes::from(bytes))
    }

    pub(crate) fn of(file: &Path, format: Format, bytes: &Bytes) -> Result<Self> {
        let contents = match format {
            Format::Npy => npy::contents(&stem(file), bytes),
            Format::Npz => npz::contents(bytes),
            Format::Safetensors => safetensors::contents(bytes),
        };
        let contents = contents.map_err(|located| unreadable(file, located))?;
        let layers = contents.layers.into_iter().map(|slot| Layer { file: file.into(), slot }).collect();
        Self {
            source: file.into(),
            layers,
            ids: contents.ids,
            metadata: contents.metadata,
            skipped: contents.skipped,
            notes: contents.notes,
        }
        .checked()
    }

    pub(crate) fn of_layers(
        source: &Path,
        layers: Vec<Layer>,
        skipped: Vec<Skipped>,
        notes: Vec<String>,
    ) -> Result<Self> {
        Self { source: source.into(), layers, ids: None, metadata: BTreeMap::new(), skipped, notes }.checked()
    }

    /// Puts the layers in order and refuses a trace without any, and ids that do not fit.
    fn checked(mut self) -> Result<Self> {
        self.layers.sort_by(|a, b| natural_order(a.name(), b.name()));
        self.skipped.sort_by(|a, b| natural_order(&a.name, &b.name));
        if let Some(pair) = self.layers.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
            return Err(Error::DuplicateLayer { file: self.source, layer: pair[0].name().into() });
        }
        if self.layers.is_empty() {
            let (layer, problem) = match self.skipped.into_iter().next() {
                Some(Skipped { name, problem }) => (Some(name), problem),
                None => (None, Problem::NoArrays { found: None }),
            };
            return Err(Error::Unreadable { file: self.source, layer, problem });
        }
        if let Some(ids) = &self.ids
            && let Some(layer) = self.layers.iter().find(|layer| layer.shape()[0] != ids.len())
        {
            let problem = Problem::Ids { ids: ids.len(), inputs: layer.shape()[0] };
            return Err(Error::Unreadable { file: self.source, layer: Some(layer.name().into()), problem });
        }
        Ok(self)
    }

    /// The file or folder.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// At least one layer, in natural order of the names.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What each input is called, if the file says so: the member `ids` of an `.npz`, or the metadata entry `ids` (a
    /// JSON array of strings) of a `.safetensors`.
    pub fn ids(&self) -> Option<&[String]> {
        self.ids.as_deref()
    }

    /// The metadata of a `.safetensors` file; empty for other formats.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Arrays that were left out, and why. They belong in any output that claims to describe the file.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// What else was noticed while opening, for people to read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The layers that a selection names: in the order of its terms, and in natural order within a term.
    ///
    /// # Errors
    /// [`Error::NoSuchLayer`] if a term matches nothing, with the nearest name; [`Error::Unreadable`] if it names an
    /// array that was skipped.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&Layer>> {
        let names: Vec<&str> = self.layers.iter().map(Layer::name).collect();
        match selection.pick(&names) {
            Ok(picked) => Ok(picked.into_iter().map(|index| &self.layers[index]).collect()),
            Err(unmatched) => Err(match self.skipped.iter().find(|skipped| skipped.name == unmatched.term) {
                Some(Skipped { name, problem }) => Error::Unreadable {
                    file: self.source.clone(),
                    layer: Some(name.clone()),
                    problem: problem.clone(),
                },
                None => Error::NoSuchLayer {
                    file: self.source.clone(),
                    term: unmatched.term,
                    nearest: unmatched.nearest,
                    available: names.into_iter().map(Into::into).collect(),
                },
            }),
        }
    }
}

impl Layer {
    /// What the layer is called: the member, the tensor, or the file without its extension.
    pub fn name(&self) -> &str {
        &self.slot.name
    }

    /// Sizes of the axes, at least one, none of them 0. The first counts the inputs.
    pub fn shape(&self) -> &[usize] {
        &self.slot.shape
    }

    /// How the numbers are stored.
    pub fn dtype(&self) -> Dtype {
        self.slot.dtype
    }

    /// The file it is read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Reads the numbers: without a copy if the file is mapped and has them as they are needed, else converted.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if a compressed member does not inflate to what it claims, an integer is not exact as
    /// f64, or memory is short.
    pub fn read(&self) -> Result<Tensor> {
        let Slot { name, shape, place, .. } = &self.slot;
        let read = match place {
            Place::Slice { bytes, range, encoding } => decode(bytes, range.clone(), shape, *encoding),
            Place::Member { archive, index, header, length, encoding } => {
                npz::read(archive, *index, *header, *length)
                    .and_then(|(bytes, range)| decode(&bytes, range, shape, *encoding))
            }
        };
        let (values, steps) = read.map_err(|problem| unreadable(&self.file, problem.within(name)))?;
        Ok(Tensor::new(&self.file, name, shape.clone(), values)?.after(steps))
    }

    #[must_use]
    pub(crate) fn renamed(mut self, name: String) -> Self {
        self.slot.name = name;
        self
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layer({} {} {:?})", self.name(), self.dtype(), self.shape())
    }
}

/// What a reader finds in the bytes of one file.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) layers: Vec<Slot>,
    pub(crate) ids: Option<Vec<String>>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
}

impl Contents {
    /// Leaves the array out, unless its problem casts doubt on the whole file.
    pub(crate) fn skip(&mut self, name: &str, problem: Problem) -> Result<(), Located> {
        if !problem.spares_the_file() {
            return Err(problem.within(name));
        }
        self.skipped.push(Skipped { name: name.into(), problem });
        Ok(())
    }
}

/// One array, listed but not read.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: Dtype,
    pub(crate) place: Place,
}

/// Where the numbers of an array are.
#[derive(Clone)]
pub(crate) enum Place {
    /// In the bytes of the file as they are.
    Slice { bytes: Bytes, range: Range<usize>, encoding: Encoding },
    /// In a member of a zip archive, after `header` bytes, `length` bytes long.
    Member { archive: Archive, index: usize, header: usize, length: usize, encoding: Encoding },
}

/// A problem, and the array that has it if it is not the whole file.
pub(crate) struct Located {
    layer: Option<String>,
    problem: Problem,
}

impl From<Problem> for Located {
    fn from(problem: Problem) -> Self {
        Self { layer: None, problem }
    }
}

impl Problem {
    pub(crate) fn within(self, layer: &str) -> Located {
        Located { layer: Some(layer.into()), problem: self }
    }
}

fn unreadable(file: &Path, Located { layer, problem }: Located) -> Error {
    Error::Unreadable { file: file.into(), layer, problem }
}

impl Located {
    /// The error that names the file.
    pub(crate) fn of(self, file: &Path) -> Error {
        unreadable(file, self)
    }
}

/// The file name without its extension.
pub(crate) fn stem(file: &Path) -> String {
    file.file_stem().map_or_else(|| "array".into(), |stem| stem.to_string_lossy().into_owned())
}
