//! One label an input, from a file of its own: classes, groups of repetitions.
//!
//! Integers stay integers, so that class k can be column k of an output; anything else is a name.

use crate::map::Bytes;
use crate::trace::Located;
use crate::words::{self, Words, is_integer};
use crate::{Error, Format, Problem, Result, Trace, npy, npz};
use isorep::Labels;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Most columns an output can have; a larger label is an id rather than a class.
const MOST_CLASSES: u64 = 1 << 24;

/// One word an input, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    file: PathBuf,
    entry: Option<String>,
    words: Vec<String>,
    are_integers: bool,
    ids: Option<Vec<String>>,
    steps: Vec<String>,
}

/// Reads one integer or name an input: a one-dimensional `.npy`; the array `entry` (or the only one) of an `.npz` or
/// `.safetensors`; or a `.csv` or `.txt` file with one a line.
///
/// # Errors
/// [`Error::Io`], [`Error::Unreadable`], [`Error::Labels`].
pub fn read_listing(path: impl AsRef<Path>, entry: &str) -> Result<Listing> {
    let file = path.as_ref();
    let bytes = Bytes::map(file).map_err(|cause| Error::reading(file, cause))?;
    let extension = file.extension().and_then(|extension| extension.to_str());
    let listing = |entry: Option<String>, words: Words, ids| Listing {
        file: file.into(),
        entry,
        words: words.words,
        are_integers: words.are_integers,
        ids,
        steps: Vec::new(),
    };
    if let Some(extension @ ("csv" | "txt")) = extension {
        return Ok(listing(
            None,
            lines(bytes.as_ref(), extension == "csv").map_err(|r| refused(file, r))?,
            None,
        ));
    }
    let unreadable = |located: Located| located.of(file);
    match Format::detect(bytes.as_ref(), file).map_err(|problem| unreadable(problem.into()))? {
        Format::Npy => {
            let words = of_npy(bytes.as_ref(), entry).map_err(|problem| unreadable(problem.into()))?;
            Ok(listing(None, words, None))
        }
        Format::Npz => {
            let (name, words, ids) = npz::listing(&bytes, entry).map_err(unreadable)?;
            Ok(listing(Some(name), words, ids))
        }
        Format::Safetensors => {
            let trace = Trace::of(file, Format::Safetensors, &bytes)?;
            let (name, words) = of_trace(&trace, entry)?;
            Ok(listing(Some(name), words, trace.ids().map(<[String]>::to_vec)))
        }
    }
}

fn refused(file: &Path, reason: impl Into<String>) -> Error {
    Error::Labels { file: file.into(), reason: reason.into() }
}

fn of_npy(bytes: &[u8], what: &str) -> Result<Words, Problem> {
    let header = npy::Header::read(bytes)?;
    let length = words::length(&header, words::count(&header, what)?)?;
    let data = &bytes[header.length..];
    npy::check_length(length as u64, data.len() as u64)?;
    words::decode(data, &header, what)
}

fn of_trace(trace: &Trace, entry: &str) -> Result<(String, Words)> {
    let file = trace.source();
    let layers = trace.layers();
    let named = layers.iter().find(|layer| layer.name() == entry);
    let Some(layer) = named.or(if layers.len() == 1 { layers.first() } else { None }) else {
        let found = layers.iter().map(crate::Layer::name).collect::<Vec<_>>().join(", ");
        return Err(Located::from(Problem::NoEntry { entry: entry.into(), found }).of(file));
    };
    let (name, shape) = (layer.name(), layer.shape());
    if !is_integer(layer.dtype()) {
        return Err(refused(file, format!("`{name}` holds {} and not integers", layer.dtype())));
    }
    if !matches!(*shape, [_] | [_, 1]) {
        return Err(refused(file, format!("`{name}` has the shape {shape:?}")));
    }
    let tensor = layer.read()?;
    let rows = isorep::Rows::new(name, shape[0], 1, tensor.values().clone())
        .map_err(|cause| refused(file, cause.to_string()))?;
    let mut numbers = vec![0.0; shape[0]];
    rows.read_f64(0..shape[0], &[], &mut numbers);
    // Integers beyond 2⁵³ were refused on reading, so these are exact.
    let words = numbers.into_iter().map(|number| format!("{number:.0}")).collect();
    Ok((name.to_owned(), Words { words, are_integers: true }))
}

/// One word a line; empty lines at the end do not count.
fn lines(bytes: &[u8], is_csv: bool) -> Result<Words, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let text = text.trim_start_matches('\u{feff}').trim_end();
    let mut words = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let word = line.trim();
        let word = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(word);
        if word.is_empty() {
            return Err(format!("line {} is empty", at + 1));
        }
        if is_csv && word.contains([',', ';', '\t']) {
            return Err(format!("line {} has several columns", at + 1));
        }
        words.push(word.to_owned());
    }
    let integers = words.iter().filter(|word| word.parse::<i128>().is_ok()).count();
    if words.len() > 1 && integers == words.len() - 1 && words[0].parse::<i128>().is_err() {
        return Err(format!(
            "line 1 is `{}` and all others are integers: a heading is not a label",
            words[0]
        ));
    }
    let are_integers = integers == words.len();
    // 01 and 1 are the same integer.
    if are_integers {
        words.iter_mut().for_each(|word| *word = word.parse::<i128>().unwrap_or_default().to_string());
    }
    Ok(Words { words, are_integers })
}

impl Listing {
    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Which array of the file, if it may hold several.
    pub fn entry(&self) -> Option<&str> {
        self.entry.as_deref()
    }

    /// One word an input.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Number of inputs.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// What was done to them, in order, for people to read.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// As classes: integers are columns of an output, names are numbered in alphabetical order.
    ///
    /// # Errors
    /// [`Error::Labels`] for integers that no column can have.
    pub fn classes(&self) -> Result<Labels> {
        if !self.are_integers {
            return Ok(Labels::named(&self.words));
        }
        let class = |word: &String| match word.parse::<u64>() {
            Ok(class) if class < MOST_CLASSES => Ok(class as usize),
            _ => Err(refused(&self.file, format!("{word} is no class: classes are counted from 0"))),
        };
        Ok(Labels::of_columns(self.words.iter().map(class).collect::<Result<_>>()?))
    }

    /// As groups of equal words, whatever they are.
    pub fn groups(&self) -> Labels {
        Labels::named(&self.words)
    }

    /// In the order of these ids, if the file says which input is which.
    ///
    /// # Errors
    /// [`Error::Labels`] if an id is missing or stands there twice.
    pub fn ordered_by(mut self, ids: &[String]) -> Result<Self> {
        let Some(own) = self.ids.take() else { return Ok(self) };
        if own.len() != self.words.len() {
            return Err(refused(&self.file, format!("it has {} ids and {} labels", own.len(), self.len())));
        }
        if own == ids {
            self.ids = Some(own);
            return Ok(self);
        }
        let mut at = HashMap::new();
        for (index, id) in own.iter().enumerate() {
            if at.insert(id, index).is_some() {
                return Err(refused(&self.file, format!("the id `{id}` stands there twice")));
            }
        }
        let word = |id: &String| match at.get(id) {
            Some(index) => Ok(self.words[*index].clone()),
            None => Err(refused(&self.file, format!("it has no label for the input `{id}`"))),
        };
        self.words = ids.iter().map(word).collect::<Result<_>>()?;
        self.steps.push("put in the order of the networks' inputs by their ids".into());
        self.ids = Some(ids.to_vec());
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str, is_csv: bool) -> Result<(Vec<String>, bool), String> {
        lines(content.as_bytes(), is_csv).map(|words| (words.words, words.are_integers))
    }

    #[test]
    fn lines_are_integers_or_names() {
        assert_eq!(text("\u{feff}2\r\n01\n\n", false), Ok((vec!["2".into(), "1".into()], true)));
        assert_eq!(text("\"a cat\"\ndog, black\n", false).unwrap().0, ["a cat", "dog, black"]);
        for (content, part) in [
            ("cat,1\n", "line 1 has several columns"),
            ("label\n1\n2\n", "a heading is not a label"),
            ("1\n\n2\n", "line 2 is empty"),
        ] {
            let error = text(content, true).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    fn listing(words: &[&str], are_integers: bool, ids: Option<&[&str]>) -> Listing {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        Listing {
            file: "l".into(),
            entry: None,
            words: owned(words),
            are_integers,
            ids: ids.map(owned),
            steps: Vec::new(),
        }
    }

    #[test]
    fn integers_are_columns_and_everything_makes_groups() {
        let integers = listing(&["2", "0", "2"], true, None);
        let classes = integers.classes().unwrap();
        assert!(classes.are_columns() && classes.classes() == [2, 0, 2] && classes.count() == 3);
        assert_eq!(integers.groups().count(), 2);
        let names = listing(&["b", "a"], false, None).classes().unwrap();
        assert!(!names.are_columns() && names.classes() == [1, 0]);
        for bad in ["-1", "99999999999"] {
            let error = listing(&["0", bad], true, None).classes().unwrap_err().to_string();
            assert!(error.contains(bad), "{error}");
        }
    }

    #[test]
    fn ids_put_labels_in_order() {
        let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let read = listing(&["0", "1", "2"], true, Some(&["a", "b", "c"]));
        let ordered = read.clone().ordered_by(&ids(&["c", "a"])).unwrap();
        assert_eq!((ordered.words(), ordered.steps().len()), (&["2".to_owned(), "0".to_owned()][..], 1));
        assert!(read.clone().ordered_by(&ids(&["a", "b", "c"])).unwrap().steps().is_empty());
        assert!(read.ordered_by(&ids(&["d"])).unwrap_err().to_string().contains("`d`"));
    }
}
