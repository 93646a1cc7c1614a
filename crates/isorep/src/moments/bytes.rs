//! The bytes of a state: magic, version, spec, nodes, checksum; all numbers little-endian.

use super::node::{Block, Node};
use super::{Moments, Spec, state};
use crate::factor::Factor;
use crate::{Matrix, Result};

const MAGIC: &[u8; 8] = b"isorepMo";
/// Raised whenever the layout or the arithmetic of a leaf changes.
const VERSION: u32 = 1;

pub(super) fn write(moments: &Moments) -> Vec<u8> {
    let mut out = Writer(MAGIC.to_vec());
    out.0.extend(VERSION.to_le_bytes());
    let Spec { names, widths, factor } = &moments.spec;
    for (name, width) in names.iter().zip(widths) {
        out.integer(name.len() as u64);
        out.0.extend(name.as_bytes());
        out.integer(*width as u64);
    }
    out.integer(u64::from(*factor));
    out.integer(moments.forest.len() as u64);
    for ((level, index), node) in &moments.forest {
        out.integer(u64::from(*level));
        out.integer(*index);
        out.integer(node.n as u64);
        out.numbers(&node.mean);
        for block in [&node.xx, &node.xy, &node.yy] {
            out.numbers(block.scatter.values());
            out.numbers(&block.weighted_a);
            out.numbers(&block.weighted_b);
            out.numbers(&[block.product]);
        }
        if let Some(factor) = &node.factor {
            out.integer(factor.r.rows() as u64);
            out.numbers(factor.r.values());
        }
    }
    let sum = checksum(&out.0);
    out.integer(sum);
    out.0
}

pub(super) fn read(bytes: &[u8]) -> Result<Moments> {
    let body = bytes.len().checked_sub(8).map(|end| &bytes[..end]);
    let mut input = Reader(
        body.filter(|b| b.starts_with(MAGIC)).ok_or_else(|| state("these bytes are not moments".into()))?,
    );
    if checksum(input.0).to_le_bytes() != bytes[bytes.len() - 8..] {
        return Err(state("the bytes were cut or changed: the checksum does not fit".into()));
    }
    input.take(MAGIC.len())?;
    let version = u32::from_le_bytes(input.array()?);
    if version != VERSION {
        return Err(state(format!(
            "they were written by version {version} of the format, this is version {VERSION}"
        )));
    }
    let mut named = || -> Result<(String, usize)> {
        let length = input.size()?;
        let name = String::from_utf8(input.take(length)?.to_vec())
            .map_err(|_| state("a name is not UTF-8".into()))?;
        Ok((name, input.size()?))
    };
    let ((x, d_x), (y, d_y)) = (named()?, named()?);
    let factor = input.size()? != 0;
    let mut moments = Moments::with_spec(Spec { names: [x, y], widths: [d_x, d_y], factor });
    for _ in 0..input.size()? {
        let level =
            u32::try_from(input.size()?).map_err(|_| state("a node has an impossible level".into()))?;
        let index = input.size()? as u64;
        let n = input.size()?;
        let mean = input.numbers(d_x, 1)?;
        let mean = [mean, input.numbers(d_y, 1)?].concat();
        let mut block = |a: usize, b: usize| -> Result<Block> {
            Ok(Block {
                scatter: Matrix::from_columns(a, b, input.numbers(a, b)?),
                weighted_a: input.numbers(a, 1)?,
                weighted_b: input.numbers(b, 1)?,
                product: input.numbers(1, 1)?[0],
            })
        };
        let (xx, xy, yy) = (block(d_x, d_x)?, block(d_x, d_y)?, block(d_y, d_y)?);
        let factor = if factor {
            let rows = input.size()?;
            let r = Matrix::from_columns(rows, d_x + d_y, input.numbers(rows, d_x + d_y)?);
            Some(Factor { n, mean: mean.clone(), r })
        } else {
            None
        };
        moments.forest.insert((level, index), Node { n, mean, xx, xy, yy, factor });
    }
    Ok(moments)
}

/// FNV-1a, 64 bits: against accidents, not against intent.
fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

struct Writer(Vec<u8>);

impl Writer {
    fn integer(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }
    fn numbers(&mut self, values: &[f64]) {
        self.0.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, tail) =
            self.0.split_at_checked(count).ok_or_else(|| state("the bytes end too early".into()))?;
        self.0 = tail;
        Ok(head)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }
    fn size(&mut self) -> Result<usize> {
        usize::try_from(u64::from_le_bytes(self.array()?)).map_err(|_| state("a size is too large".into()))
    }
    fn numbers(&mut self, rows: usize, columns: usize) -> Result<Vec<f64>> {
        let bytes = rows.checked_mul(columns).and_then(|c| c.checked_mul(8));
        let bytes = bytes.ok_or_else(|| state("a size is too large".into()))?;
        let whole = self.take(bytes)?.chunks_exact(8);
        Ok(whole.map(|c| f64::from_le_bytes([c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    #[test]
    fn bytes_come_back_and_damage_is_noticed() {
        let x = Representation::from_f64("schicht-ä", 6, 2, (0..12).map(|i| f64::from(i * i % 7)).collect())
            .unwrap();
        let mut moments = Moments::new(x.name(), 2, "y", 2).with_factor();
        moments.update(3, x.rows().unwrap(), x.rows().unwrap()).unwrap();
        let bytes = moments.to_bytes();
        assert_eq!(read(&bytes).unwrap(), moments);
        for at in (0..bytes.len()).step_by(5) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(read(&damaged).is_err(), "a changed byte at {at} went unnoticed");
            assert!(read(&bytes[..at]).is_err(), "a cut at {at} went unnoticed");
        }
    }

    #[test]
    fn impossible_sizes_are_refused_without_allocating() {
        let mut out = Writer([&MAGIC[..], &VERSION.to_le_bytes()].concat());
        for name in ["x", "y"] {
            out.integer(1);
            out.0.extend(name.as_bytes());
            out.integer(1 << 40);
        }
        out.integer(0);
        out.integer(1);
        for value in [0, 0, 1] {
            out.integer(value);
        }
        let sum = checksum(&out.0);
        out.integer(sum);
        assert!(read(&out.0).is_err());
    }
}
