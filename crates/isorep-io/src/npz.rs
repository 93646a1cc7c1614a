//! NumPy's `.npz`: a zip archive of `.npy` members.
//!
//! An archive can lie about sizes, so nothing is allocated on its word alone: a member must claim exactly what the
//! header of its own array needs, deflate must be able to produce that much from the compressed bytes, and inflation
//! stops as soon as it yields one byte more.

use crate::map::Bytes;
use crate::npy::{Header, Text, check_length};
use crate::tensor::check_shape;
use crate::trace::{Contents, Located, Place, Slot};
use crate::{Dtype, Problem};
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
            contents.ids =
                Some(read_ids(&mut archive, index, &header).map_err(|problem| problem.within(IDS))?);
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

/// Ids are strings or integers, one for each input.
fn read_ids(archive: &mut Archive, index: usize, header: &Header) -> Result<Vec<String>, Problem> {
    let invalid = |reason: &str| Problem::Header { reason: reason.into() };
    let &[count] = header.shape.as_slice() else {
        return Err(invalid("ids must be one-dimensional"));
    };
    let width = match (header.text(), header.encoding()) {
        (Some(text), _) => text.characters.checked_mul(text.character_width),
        (None, Ok(encoding)) => Some(encoding.dtype.width()),
        (None, Err(problem)) => return Err(problem),
    };
    let length =
        width.and_then(|width| width.checked_mul(count)).ok_or_else(|| invalid("ids are too large"))?;
    let member = archive.by_index(index).map_err(problem)?;
    check_claim(member.compressed_size(), member.size(), header.length, length)?;
    drop(member);
    let (bytes, range) = read(archive, index, header.length, length)?;
    let bytes = &bytes.as_ref()[range];
    match header.text() {
        Some(text) => bytes
            .chunks_exact(text.characters * text.character_width)
            .map(|id| read_text(id, &text).ok_or_else(|| invalid("an id is not valid text")))
            .collect(),
        None => read_integers(bytes, header).ok_or_else(|| invalid("ids must be strings or integers")),
    }
}

fn read_text(bytes: &[u8], text: &Text) -> Option<String> {
    let id = if text.character_width == 1 {
        std::str::from_utf8(bytes).ok()?.to_string()
    } else {
        let words = bytes.as_chunks::<4>().0.iter();
        let code = |&word| if text.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) };
        words.map(|word| char::from_u32(code(word))).collect::<Option<String>>()?
    };
    Some(id.trim_end_matches('\0').to_string())
}

fn read_integers(bytes: &[u8], header: &Header) -> Option<Vec<String>> {
    let encoding = header.encoding().ok()?;
    let width = encoding.dtype.width();
    let signed = matches!(encoding.dtype, Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64);
    if !signed && !matches!(encoding.dtype, Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64) {
        return None;
    }
    let one = |word: &[u8]| {
        let mut word = word.to_vec();
        if encoding.big_endian {
            word.reverse();
        }
        let negative = signed && word[width - 1] >= 0x80;
        word.resize(16, if negative { 0xff } else { 0 });
        i128::from_le_bytes(word.try_into().unwrap_or_default()).to_string()
    };
    Some(bytes.chunks_exact(width).map(one).collect())
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
