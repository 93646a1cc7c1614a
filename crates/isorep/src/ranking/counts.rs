//! Ranks without holding what is ranked: how often every single-precision value occurs is all that average ranks need.
//!
//! A billion dissimilarities of a layer lie within a few powers of two and so have some ten million distinct values.

use super::records::Ordered;
use super::{RankSums, Ties};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Low bits of a key, which count within a page; the others choose the page.
const WITHIN: u32 = 11;

/// How often each value was seen. Pages come into being when their first value does.
pub(crate) struct Counts {
    pages: Vec<OnceLock<Box<[AtomicU64]>>>,
}

/// The doubled average rank of every value that was counted.
pub(crate) struct RankTable {
    pages: Vec<Box<[u64]>>,
    count: u64,
    ties: Ties,
}

fn place(value: f32) -> (usize, usize) {
    let key = value.key();
    ((key >> WITHIN) as usize, (key & ((1 << WITHIN) - 1)) as usize)
}

impl Counts {
    pub(crate) fn new() -> Self {
        Self { pages: (0..1u32 << (u32::BITS - WITHIN)).map(|_| OnceLock::new()).collect() }
    }

    /// Counts one more; from any thread.
    pub(crate) fn add(&self, value: f32) {
        let (page, at) = place(value);
        let page = self.pages[page].get_or_init(|| (0..1 << WITHIN).map(|_| AtomicU64::new(0)).collect());
        page[at].fetch_add(1, Relaxed);
    }

    pub(crate) fn ranks(self) -> RankTable {
        let (mut count, mut ties) = (0, Ties::default());
        let mut rank = |seen: AtomicU64| {
            let seen = seen.into_inner();
            let doubled = 2 * count + seen + 1;
            count += seen;
            ties += Ties::group(seen);
            doubled
        };
        let pages = self.pages.into_iter().map(|page| match page.into_inner() {
            Some(page) => page.into_iter().map(&mut rank).collect(),
            None => Box::default(),
        });
        let pages = pages.collect();
        RankTable { pages, count, ties }
    }
}

impl RankTable {
    /// 2r − m − 1 of a value that was counted: twice its rank's difference from the mean rank.
    fn about_mean(&self, value: f32) -> i128 {
        let (page, at) = place(value);
        i128::from(self.pages[page][at]) - i128::from(self.count) - 1
    }

    /// The contribution of two values that belong together to [`RankSums::product`].
    pub(crate) fn product(&self, x: f32, other: &Self, y: f32) -> i128 {
        self.about_mean(x) * other.about_mean(y)
    }

    /// Both sides' ties beside the sum of the products.
    pub(crate) fn sums(&self, other: &Self, product: i128) -> RankSums {
        RankSums { count: self.count, product, ties_x: self.ties, ties_y: other.ties }
    }

    /// The most that Spearman's correlation can be off by if values that differ were counted as one: the norm of what
    /// the ranks of this side lack, beside their own.
    pub(crate) fn rounding(&self) -> f64 {
        let m = self.count as f64;
        // Distinct ranks in a group of t spread by (t³ − t) / 12 about their mean.
        (self.ties.cubes as f64 / (m * m * m - m)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{rank_sums, records_of};
    use super::*;

    #[test]
    fn counting_and_sorting_give_the_same_whole_numbers() {
        let value = |i: usize, step: usize| ((i * step + i * i) % 1013) as f32 / 7.0 - 30.0;
        let (x, y): (Vec<_>, Vec<_>) = (0..5000).map(|i| (value(i, 7919), value(i, 31))).unzip();
        let (counts_x, counts_y) = (Counts::new(), Counts::new());
        for (x, y) in x.iter().zip(&y) {
            counts_x.add(*x);
            counts_y.add(*y);
        }
        let (ranks_x, ranks_y) = (counts_x.ranks(), counts_y.ranks());
        let product = x.iter().zip(&y).map(|(x, y)| ranks_x.product(*x, &ranks_y, *y)).sum();
        assert_eq!(ranks_x.sums(&ranks_y, product), rank_sums(&mut records_of(&x, &y)));
        assert!(ranks_x.rounding() < 0.01);
    }
}
