//! NumPy's `.npz`: a zip archive of `.npy` members.
//!
//! An archive can lie about sizes, so nothing is allocated on its word alone: a member must claim exactly what the
//! header of its own array needs, deflate must be able to produce that much from the compressed bytes, and inflation
//! stops as soon as it yields one byte more.

use crate::Problem;
use crate::map::Bytes;
use crate::npy::{Header, check_length};
use crate::tensor::check_shape;
use crate::trace::{Contents, Located, Place, Slot};
use crate::words::{self, Words};
use std::io::{Cursor, Read};
use std::ops::Range;
use zip::ZipArchive;
use zip::result::ZipError;

/// Most that one byte of deflate can become (a match of 258 bytes in 2 bits), rounded up.
const DEFLATE_LIMIT: u64 = 1100;
/// A larger array must not be compressed better than [`PLAUSIBLE_RATIO`]: only constants compress so well.
const UNQUESTIONED: u64 = 256 << 20;
/// Real activations, even sparse ones, stay far below this.
const PLAUSIBLE_RATIO: u64 = 200;
/// The member that holds sample ids instead of activations.
const IDS: &str = "ids";

pub(crate) type Archive = ZipArchive<Cursor<Bytes>>;

/// The arrays of the archive; each is read when it is asked for.
pub(crate) fn contents(bytes: &Bytes) -> Result<Contents, Located> {
    let mut archive = ZipArchive::new(Cursor::new(bytes.clone())).map_err(problem)?;
    if archive.has_duplicate_names() {
        return Err(damaged("two members have the same name").into());
    }
    if archive.has_overlapping_entries().map_err(problem)? {
        return Err(damaged("its members overlap").into());
    }
    let mut contents = Contents::default();
    let mut others = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(problem)?;
        let path = String::from_utf8_lossy(member.name_raw()).into_owned();
        let Some(name) = path.strip_suffix(".npy") else {
            others.push(path);
            continue;
        };
        let (packed, unpacked) = (member.compressed_size(), member.size());
        let header = Header::read(member).map_err(|problem| problem.within(name))?;
        if name == IDS {
            let ids = read_words(&mut archive, index, &header, IDS).map_err(|problem| problem.within(IDS))?;
            contents.ids = Some(ids.words);
            continue;
        }
        let encoding = match header.encoding().and_then(|e| check_shape(&header.shape).map(|()| e)) {
            Ok(encoding) => encoding,
            Err(problem) => {
                contents.skip(name, problem)?;
                continue;
            }
        };
        let length = header.data_length(encoding).map_err(|problem| problem.within(name))?;
        check_claim(packed, unpacked, header.length, length).map_err(|problem| problem.within(name))?;
        contents.layers.push(Slot {
            name: name.into(),
            shape: header.shape,
            dtype: encoding.dtype,
            place: Place::Member { archive: archive.clone(), index, header: header.length, length, encoding },
        });
    }
    if contents.layers.is_empty() && contents.skipped.is_empty() {
        let what =
            others.iter().any(|path| path.ends_with("data.pkl")).then(|| "a PyTorch checkpoint".into());
        let found = what.or_else(|| others.first().map(|path| format!("`{path}`")));
        return Err(Problem::NoArrays { found }.into());
    }
    if !others.is_empty() {
        contents.notes.push(format!("left out what is not an array: {}", others.join(", ")));
    }
    Ok(contents)
}

/// The numbers of one member: a buffer, and where they lie in it.
pub(crate) fn read(
    archive: &Archive,
    index: usize,
    header: usize,
    length: usize,
) -> Result<(Bytes, Range<usize>), Problem> {
    let mut archive = archive.clone(); // shares the directory; only the read position is its own
    let mut member = archive.by_index(index).map_err(problem)?;
    // The header is dropped first, so that the numbers start at an aligned address.
    let mut skipped = vec![0; header];
    member.read_exact(&mut skipped).map_err(inflation)?;
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(length).map_err(|_| Problem::Memory { bytes: length as u64 })?;
    (&mut member).take(length as u64).read_to_end(&mut buffer).map_err(inflation)?;
    // Reading to the very end also compares the checksum.
    let extra = member.read(&mut [0; 64]).map_err(inflation)?;
    check_length(length as u64, (buffer.len() + extra) as u64)?;
    Ok((Bytes::from(buffer), 0..length))
}

/// Refuses sizes that contradict the array's own header or that deflate cannot reach.
fn check_claim(packed: u64, unpacked: u64, header: usize, data: usize) -> Result<(), Problem> {
    let needed = (header as u64).saturating_add(data as u64);
    let bomb = |why| Err(Problem::Bomb { packed, unpacked: needed.max(unpacked), why });
    if needed.max(unpacked) > packed.saturating_mul(DEFLATE_LIMIT).saturating_add(64) {
        return bomb("deflate cannot expand so far");
    }
    check_length(needed, unpacked)?;
    if needed > UNQUESTIONED && needed / PLAUSIBLE_RATIO > packed {
        return bomb("activations do not compress so well");
    }
    Ok(())
}

/// The words of one member, such as ids: strings or integers, one for each input.
fn read_words(archive: &mut Archive, index: usize, header: &Header, what: &str) -> Result<Words, Problem> {
    let length = words::length(header, words::count(header, what)?)?;
    let member = archive.by_index(index).map_err(problem)?;
    check_claim(member.compressed_size(), member.size(), header.length, length)?;
    drop(member);
    let (bytes, range) = read(archive, index, header.length, length)?;
    words::decode(&bytes.as_ref()[range], header, what)
}

/// The words of the member called `entry`, or of the only one there is, and what it is called; and the ids, if there are.
#[allow(clippy::type_complexity)] // three things that belong to one file, taken apart by the only caller
pub(crate) fn listing(bytes: &Bytes, entry: &str) -> Result<(String, Words, Option<Vec<String>>), Located> {
    let mut archive = ZipArchive::new(Cursor::new(bytes.clone())).map_err(problem)?;
    let mut members = Vec::new();
    let mut ids = None;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(problem)?;
        let path = String::from_utf8_lossy(member.name_raw()).into_owned();
        let Some(name) = path.strip_suffix(".npy") else { continue };
        let header = Header::read(member).map_err(|problem| problem.within(name))?;
        if name == IDS {
            let read =
                read_words(&mut archive, index, &header, IDS).map_err(|problem| problem.within(IDS))?;
            ids = Some(read.words);
        } else {
            members.push((name.to_owned(), index, header));
        }
    }
    let at = members.iter().position(|(name, ..)| name == entry);
    let Some((name, index, header)) = at.or((members.len() == 1).then_some(0)).map(|at| &members[at]) else {
        let names: Vec<&str> = members.iter().map(|(name, ..)| name.as_str()).collect();
        return Err(Problem::NoEntry { entry: entry.into(), found: names.join(", ") }.into());
    };
    let read = read_words(&mut archive, *index, header, entry).map_err(|problem| problem.within(name))?;
    Ok((name.clone(), read, ids))
}

fn damaged(reason: impl Into<String>) -> Problem {
    Problem::Archive { reason: reason.into() }
}

fn problem(error: ZipError) -> Problem {
    damaged(match error {
        ZipError::Io(error) => error.to_string(),
        ZipError::InvalidArchive(reason) => reason.into_owned(),
        ZipError::UnsupportedArchive(reason) => reason.to_string(),
        other => other.to_string(),
    })
}

#[allow(clippy::needless_pass_by_value)] // so that it fits `map_err`
fn inflation(error: std::io::Error) -> Problem {
    damaged(error.to_string())
}
