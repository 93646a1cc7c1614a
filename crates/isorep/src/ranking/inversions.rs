//! Kendall's counts by sorting: discordant pairs are the exchanges a merge sort makes (Knight 1966).

use super::records::{Key, Record};
use super::{Concordance, Ties};
use crate::linalg::each;

/// Values that one task sorts by itself.
const BLOCK: usize = 1 << 14;

/// Of doubled ranks that are sorted by y; `ties_x` and `ties_y` are pairs tied in each.
pub(super) fn concordance<K: Key>(records: &mut [Record<K>], ties_x: u128, ties_y: u128) -> Concordance {
    let m = records.len() as u128;
    let pairs = m * m.saturating_sub(1) / 2;
    // What is tied in y is put in the order of x, so that it needs no exchange.
    let mut tied_in_both = 0;
    for run in records.chunk_by_mut(|a, b| a.y == b.y).filter(|run| run.len() > 1) {
        run.sort_unstable_by_key(|record| record.x);
        for both in run.chunk_by(|a, b| a.x == b.x) {
            tied_in_both += Ties::group(both.len() as u64).pairs;
        }
    }
    let discordant = inversions(records.iter().map(|record| record.x).collect());
    // All pairs = concordant + discordant + tied in x + tied in y − tied in both.
    let concordant = pairs + tied_in_both - ties_x - ties_y - discordant;
    Concordance { pairs, excess: concordant.cast_signed() - discordant.cast_signed(), ties_x, ties_y }
}

/// How many pairs are in descending order.
fn inversions<K: Key>(mut values: Vec<K>) -> u128 {
    let mut room = vec![K::default(); values.len()];
    let within = each(values.chunks_mut(BLOCK).zip(room.chunks_mut(BLOCK)).collect(), |(block, room)| {
        let mut count = 0;
        let mut width = 1;
        while width < block.len() {
            count += level(block, room, width);
            block.copy_from_slice(room);
            width *= 2;
        }
        count
    });
    let mut total: u128 = within.into_iter().sum();
    let mut width = BLOCK;
    while width < values.len() {
        let merges = values.chunks(2 * width).zip(room.chunks_mut(2 * width)).collect();
        total += each(merges, |(run, out)| level(run, out, width)).into_iter().sum::<u128>();
        std::mem::swap(&mut values, &mut room);
        width *= 2;
    }
    total
}

/// Merges neighbouring sorted runs of `width` values; counts how often a left value follows a smaller right one.
fn level<K: Key>(runs: &[K], out: &mut [K], width: usize) -> u128 {
    let mut count = 0u128;
    for (run, out) in runs.chunks(2 * width).zip(out.chunks_mut(2 * width)) {
        let (left, right) = run.split_at(width.min(run.len()));
        let (mut l, mut r, mut inverted) = (0, 0, 0u64);
        for out in out {
            if r == right.len() || (l < left.len() && left[l] <= right[r]) {
                *out = left[l];
                l += 1;
            } else {
                *out = right[r];
                r += 1;
                inverted += (left.len() - l) as u64;
            }
        }
        count += u128::from(inverted);
    }
    count
}
