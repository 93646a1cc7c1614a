//! Pairs of keys sorted by one of them: a radix sort whose first pass spreads over buckets that fit the cache, so that
//! every bucket is finished by itself, on any thread.

use super::Ties;
use crate::linalg::each;

/// Buckets of the first pass.
const BUCKETS: usize = 1 << 11;
/// Bits of one later pass.
const DIGIT: u32 = 9;
/// Records a task takes in the first pass.
const CHUNK: usize = 1 << 17;

/// A whole number that sorts like the value it stands for.
pub(crate) trait Key: Copy + Ord + Default + Send + Sync {
    fn wide(self) -> u64;
    /// A doubled rank: the caller sees to it that it fits.
    fn narrow(value: u64) -> Self;
}

impl Key for u32 {
    fn wide(self) -> u64 {
        u64::from(self)
    }
    fn narrow(value: u64) -> Self {
        value as Self
    }
}

impl Key for u64 {
    fn wide(self) -> u64 {
        self
    }
    fn narrow(value: u64) -> Self {
        value
    }
}

/// A value that has a key. Both zeros have the same.
pub(crate) trait Ordered: Copy {
    type Key: Key;
    fn key(self) -> Self::Key;
}

impl Ordered for f32 {
    type Key = u32;
    #[inline(always)]
    fn key(self) -> u32 {
        let bits = (self + 0.0).to_bits();
        // Negative numbers: all bits are turned over; others: only that of the sign.
        bits ^ ((bits.cast_signed() >> 31).cast_unsigned() | 1 << 31)
    }
}

impl Ordered for f64 {
    type Key = u64;
    #[inline(always)]
    fn key(self) -> u64 {
        let bits = (self + 0.0).to_bits();
        bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | 1 << 63)
    }
}

impl<F: Ordered> Ordered for &F {
    type Key = F::Key;
    fn key(self) -> F::Key {
        (*self).key()
    }
}

/// The keys, later the doubled ranks, of two values that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Record<K> {
    pub(crate) x: K,
    pub(crate) y: K,
}

/// Sorts by x, replaces x by its doubled average rank, and exchanges x and y: done twice, both are ranks in their places.
/// `spare` is room for as many records, kept for the next time.
pub(super) fn rank<K: Key>(records: &mut [Record<K>], spare: &mut Vec<Record<K>>) -> Ties {
    let mut ties = Ties::default();
    if records.is_empty() {
        return ties;
    }
    spare.resize(records.len(), Record::default());
    let extremes = each(records.chunks(CHUNK).collect(), |chunk: &[Record<K>]| {
        let keys = || chunk.iter().map(|record| record.x.wide());
        (keys().min().unwrap_or(u64::MAX), keys().max().unwrap_or(0))
    });
    let least = extremes.iter().map(|(least, _)| *least).min().unwrap_or(0);
    let most = extremes.iter().map(|(_, most)| *most).max().unwrap_or(0);
    let used = u64::BITS - (most - least).leading_zeros();
    let low = used.saturating_sub(BUCKETS.trailing_zeros());

    let sizes = spread(records, spare, |key| ((key.wide() - least) >> low) as usize);
    // Every bucket and its share of what is room again now.
    let (mut from, mut to, mut start) = (&mut spare[..], &mut records[..], 0);
    let mut buckets = Vec::new();
    for size in sizes.into_iter().filter(|size| *size > 0) {
        let (bucket, room);
        (bucket, from) = from.split_at_mut(size);
        (room, to) = to.split_at_mut(size);
        buckets.push((start as u64, bucket, room));
        start += size;
    }
    let finished = each(buckets, |(start, bucket, room): (u64, &mut [_], &mut [_])| {
        finish(start, bucket, room, least, low)
    });
    for group in finished {
        ties += group;
    }
    ties
}

/// Puts every record into its bucket of `to`; gives the sizes of the buckets.
fn spread<K: Key>(
    from: &[Record<K>],
    to: &mut [Record<K>],
    bucket: impl Fn(K) -> usize + Sync + Send,
) -> Vec<usize> {
    let counts = each(from.chunks(CHUNK).collect(), |chunk: &[Record<K>]| {
        let mut counts = vec![0u32; BUCKETS];
        for record in chunk {
            counts[bucket(record.x)] += 1;
        }
        counts
    });
    // The part of every bucket that each chunk fills.
    let mut parts: Vec<Vec<&mut [Record<K>]>> = counts.iter().map(|_| Vec::with_capacity(BUCKETS)).collect();
    let (mut sizes, mut rest) = (vec![0; BUCKETS], to);
    for (b, size) in sizes.iter_mut().enumerate() {
        for (parts, counts) in parts.iter_mut().zip(&counts) {
            let part;
            (part, rest) = rest.split_at_mut(counts[b] as usize);
            parts.push(part);
            *size += counts[b] as usize;
        }
    }
    let tasks: Vec<_> = from.chunks(CHUNK).zip(parts).collect();
    each(tasks, |(chunk, mut parts): (&[Record<K>], Vec<&mut [Record<K>]>)| {
        let mut filled = vec![0u32; BUCKETS];
        for record in chunk {
            let b = bucket(record.x);
            parts[b][filled[b] as usize] = *record;
            filled[b] += 1;
        }
    });
    sizes
}

/// Sorts a bucket by the `low` bits of its keys and writes its ranks into `room`.
fn finish<K: Key>(
    start: u64,
    bucket: &mut [Record<K>],
    room: &mut [Record<K>],
    least: u64,
    low: u32,
) -> Ties {
    let passes = low.div_ceil(DIGIT);
    let sorted_in_room = if bucket.len() < 200 * passes as usize {
        bucket.sort_unstable_by_key(|record| record.x);
        false
    } else {
        for pass in 0..passes {
            let digit = |record: &Record<K>| {
                ((record.x.wide() - least) >> (pass * DIGIT)) as usize & ((1 << DIGIT) - 1)
            };
            if pass % 2 == 0 { distribute(bucket, room, digit) } else { distribute(room, bucket, digit) }
        }
        passes % 2 == 1
    };
    if sorted_in_room {
        bucket.copy_from_slice(room);
    }
    let (mut ties, mut at) = (Ties::default(), 0);
    while at < bucket.len() {
        let key = bucket[at].x;
        let count = bucket[at..].iter().take_while(|record| record.x == key).count();
        // Positions p + 1 … p + t have the mean rank p + (t + 1) / 2.
        let doubled = K::narrow(2 * (start + at as u64) + count as u64 + 1);
        for (record, out) in bucket[at..at + count].iter().zip(&mut room[at..]) {
            *out = Record { x: record.y, y: doubled };
        }
        if count > 1 {
            ties += Ties::group(count as u64);
        }
        at += count;
    }
    ties
}

/// One stable pass.
fn distribute<K: Key>(from: &[Record<K>], to: &mut [Record<K>], digit: impl Fn(&Record<K>) -> usize) {
    let mut starts = [0u32; 1 << DIGIT];
    for record in from {
        starts[digit(record)] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += std::mem::replace(start, sum);
    }
    for record in from {
        let start = &mut starts[digit(record)];
        to[*start as usize] = *record;
        *start += 1;
    }
}

/// Σ (x − m − 1)(y − m − 1) over doubled ranks of m values.
pub(super) fn product<K: Key>(records: &[Record<K>], count: u64) -> i128 {
    let about_mean = |rank: K| i128::from(rank.wide()) - i128::from(count) - 1;
    let sums = each(records.chunks(CHUNK).collect(), |chunk: &[Record<K>]| {
        chunk.iter().map(|record| about_mean(record.x) * about_mean(record.y)).sum::<i128>()
    });
    sums.into_iter().sum()
}
