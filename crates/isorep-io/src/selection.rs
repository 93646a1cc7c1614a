//! Which layers to take: names, globs and indices, separated by commas.

use crate::{Error, Result};
use globset::{GlobBuilder, GlobMatcher};
use std::fmt;
use std::str::FromStr;

/// A choice of layers.
///
/// | term | takes |
/// |---|---|
/// | `layer1.0.conv1` | the layer of exactly this name; a name wins over every other reading |
/// | `layer1.*.conv?`, `{conv,fc}1` | all that match; `*`, `?` and `[…]` stay within a segment (between `.` or `/`) |
/// | `encoder.**`, `**.relu` | as a segment of its own, `**` stands for any number of segments |
/// | `3`, `-1`, `#3` | by position from 0, or from the end; `#` if there is also a layer called `3` |
/// | `2..5`, `2..=4`, `..3`, `-2..` | a range of positions |
/// | `!*.bias` | takes back what earlier terms took; standing first, it takes back from all layers |
///
/// The result is in the order of the terms, each layer once.
///
/// ```
/// let names = ["conv1", "conv2", "conv10", "fc"];
/// let pick = |text: &str| text.parse::<isorep_io::Selection>().unwrap().indices(&names).unwrap();
/// assert_eq!(pick("fc, conv*, !conv2"), [3, 0, 2]);
/// assert_eq!(pick("-1, ..2"), [3, 0, 1]);
/// ```
#[derive(Debug, Clone)]
pub struct Selection {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    text: String,
    exclude: bool,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Name,
    Glob(GlobMatcher),
    Index(i64),
    /// From (inclusive) to (exclusive, or inclusive).
    Range(Option<i64>, Option<i64>, bool),
}

/// A term that took nothing.
#[derive(Debug)]
pub(crate) struct Unmatched {
    pub(crate) term: String,
    pub(crate) nearest: Option<String>,
}

impl Selection {
    /// Parses the comma-separated terms.
    ///
    /// # Errors
    /// [`Error::Selection`] for an empty term or an invalid glob.
    pub fn parse(text: &str) -> Result<Self> {
        let terms = split(text).into_iter().map(Term::parse).collect::<Result<_, _>>();
        let terms = terms.map_err(|reason| Error::Selection { text: text.into(), reason })?;
        Ok(Self { text: text.into(), terms })
    }

    /// Indices into `names` of what is taken.
    ///
    /// # Errors
    /// [`Error::NoSuchLayer`] if a term takes nothing.
    pub fn indices(&self, names: &[&str]) -> Result<Vec<usize>> {
        self.pick(names).map_err(|unmatched| Error::NoSuchLayer {
            file: "the list of layers".into(),
            term: unmatched.term,
            nearest: unmatched.nearest,
            available: names.iter().map(|&name| name.into()).collect(),
        })
    }

    pub(crate) fn pick(&self, names: &[&str]) -> Result<Vec<usize>, Unmatched> {
        let all_first = self.terms.first().is_some_and(|term| term.exclude);
        let mut taken: Vec<usize> = if all_first { (0..names.len()).collect() } else { Vec::new() };
        for term in &self.terms {
            let found = term.matches(names);
            if found.is_empty() {
                let nearest = nearest(&term.text, names);
                return Err(Unmatched { term: term.text.clone(), nearest });
            }
            taken.retain(|index| !(term.exclude && found.contains(index)));
            if !term.exclude {
                let new = found.into_iter().filter(|index| !taken.contains(index)).collect::<Vec<_>>();
                taken.extend(new);
            }
        }
        if taken.is_empty() {
            return Err(Unmatched { term: self.text.clone(), nearest: None });
        }
        Ok(taken)
    }
}

impl FromStr for Selection {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, String> {
        let (exclude, text) = match text.trim().strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, text.trim()),
        };
        if text.is_empty() {
            return Err("a term between the commas is empty".into());
        }
        let kind = match range(text) {
            Some(range) => range,
            None => match text.strip_prefix('#').unwrap_or(text).parse() {
                Ok(index) => Kind::Index(index),
                Err(_) if text.contains(['*', '?', '[', '{']) => Kind::Glob(glob(text)?),
                Err(_) => Kind::Name,
            },
        };
        Ok(Self { text: text.into(), exclude, kind })
    }

    fn matches(&self, names: &[&str]) -> Vec<usize> {
        if let Some(index) = names.iter().position(|&name| name == self.text) {
            return vec![index];
        }
        let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
        let from_start = |index: i64| if index < 0 { index.saturating_add(count) } else { index };
        match &self.kind {
            Kind::Name => vec![],
            Kind::Glob(glob) => {
                (0..names.len()).filter(|&index| glob.is_match(names[index].replace('.', "/"))).collect()
            }
            Kind::Index(index) => Some(from_start(*index))
                .filter(|i| (0..count).contains(i))
                .map(|i| i as usize)
                .into_iter()
                .collect(),
            Kind::Range(start, end, inclusive) => {
                let start = from_start(start.unwrap_or(0));
                let end = end.map_or(count, |end| from_start(end).saturating_add(i64::from(*inclusive)));
                // A range that leaves the list was meant for another model: nothing, hence an error.
                if start < 0 || end > count { vec![] } else { (start..end).map(|i| i as usize).collect() }
            }
        }
    }
}

/// Splits at commas outside of braces and brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut terms) = (0_usize, 0, Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn range(text: &str) -> Option<Kind> {
    let (start, end) = text.split_once("..")?;
    let (end, inclusive) = end.strip_prefix('=').map_or((end, false), |end| (end, true));
    let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let (start, end) = (bound(start)?, bound(end)?);
    // As in Rust, an inclusive range needs its end.
    (!(inclusive && end.is_none())).then_some(Kind::Range(start, end, inclusive))
}

/// Names are split into segments by `.` or `/`; to the matcher, both are `/`.
fn glob(text: &str) -> Result<GlobMatcher, String> {
    let pattern = text.replace('.', "/");
    if pattern.split('/').any(|segment| segment.contains("**") && segment != "**") {
        return Err("`**` must be a segment of its own, as in `encoder.**` or `**.relu`".into());
    }
    let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

/// The name most like `text`, if any is like it at all.
fn nearest(text: &str, names: &[&str]) -> Option<String> {
    let scored = names.iter().map(|name| (strsim::jaro_winkler(text, name), *name));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|&(score, _)| score > 0.75).map(|(_, name)| name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 8] = [
        "conv1",
        "layer1.0.conv1",
        "layer1.0.relu",
        "layer1.10.conv1",
        "layer2.0.conv1",
        "/model/encoder/0/Relu_output_0",
        "3",
        "fc[0]",
    ];

    fn pick(text: &str) -> Vec<usize> {
        Selection::parse(text).unwrap().indices(&NAMES).unwrap()
    }

    #[test]
    fn names_win_over_indices_and_globs() {
        assert_eq!(pick("conv1"), [0]);
        assert_eq!(pick("3"), [6], "there is a layer called 3");
        assert_eq!(pick("#3"), [3]);
        assert_eq!(pick("fc[0]"), [7], "not a character class");
        assert_eq!(pick("0,-1, -2"), [0, 7, 6]);
    }

    #[test]
    fn globs_stay_within_segments() {
        assert_eq!(pick("*"), [0, 6, 7]);
        assert_eq!(pick("layer1.*.conv1"), [1, 3]);
        assert_eq!(pick("layer1.?.*"), [1, 2]);
        assert_eq!(pick("layer1.**"), [1, 2, 3]);
        assert_eq!(pick("**.conv1"), [0, 1, 3, 4]);
        assert_eq!(pick("**/Relu*"), [5]);
        assert_eq!(pick("{conv1,layer2.0.*}"), [0, 4]);
        assert_eq!(pick("**"), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn ranges_are_those_of_rust() {
        assert_eq!(pick("1..3"), [1, 2]);
        assert_eq!(pick("1..=3"), [1, 2, 3]);
        assert_eq!(pick("..2"), [0, 1]);
        assert_eq!(pick("-2.."), [6, 7]);
        assert_eq!(pick("-3..=-1"), [5, 6, 7]);
    }

    #[test]
    fn exclusion_takes_back() {
        assert_eq!(pick("**.conv1, !layer1.**"), [0, 4]);
        assert_eq!(pick("!layer1.**"), [0, 4, 5, 6, 7]);
        assert_eq!(pick("fc[0], conv1, **, !1..7"), [7, 0]);
    }

    #[test]
    fn what_matches_nothing_says_so() {
        for text in ["conv3", "9", "-9", "5..9", "3..3", "layer1*", "!nothing", "conv1,!conv1"] {
            assert!(
                matches!(Selection::parse(text).unwrap().indices(&NAMES), Err(Error::NoSuchLayer { .. })),
                "{text}"
            );
        }
        let error = Selection::parse("layer1.0.con1").unwrap().indices(&NAMES).unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean `layer1.0.conv1`?");
        for text in ["", "a,,b", "!", "a**", "a.b**.c", "[a", "{a"] {
            assert!(matches!(Selection::parse(text), Err(Error::Selection { .. })), "{text}");
        }
    }
}
