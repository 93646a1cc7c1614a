//! Average ranks, and rank correlations made of them: of two short vectors, or of the hundreds of millions of
//! dissimilarities of a large representation.
//!
//! Everything between the values and the last division is whole numbers (ranks are doubled, so that averages of ties are
//! whole too). The result is therefore exact and depends on neither the order of the work nor the number of threads.

mod counts;
mod inversions;
mod records;

pub(crate) use counts::Counts;
pub(crate) use records::{Key, Ordered, Record};

/// How many values are equal to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ties {
    /// Σ t (t − 1) / 2 over groups of t equal values: pairs that are tied.
    pub(crate) pairs: u128,
    /// Σ t³ − t over groups of t equal values.
    pub(crate) cubes: u128,
}

impl Ties {
    /// A group of `count` equal values.
    pub(crate) fn group(count: u64) -> Self {
        let t = u128::from(count);
        Self { pairs: t * t.saturating_sub(1) / 2, cubes: t * t * t - t }
    }
}

impl std::ops::AddAssign for Ties {
    fn add_assign(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.cubes += other.cubes;
    }
}

/// What Spearman's correlation and ρ_a consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RankSums {
    /// Number of values on each side.
    pub(crate) count: u64,
    /// Σ (2r − m − 1)(2s − m − 1) over the average ranks r and s of m values.
    pub(crate) product: i128,
    pub(crate) ties_x: Ties,
    pub(crate) ties_y: Ties,
}

impl RankSums {
    /// m³ − m.
    fn cubes(&self) -> u128 {
        let m = u128::from(self.count);
        m * m * m - m
    }

    /// Whether all values of x, and of y, are equal.
    pub(crate) fn constant(&self) -> [bool; 2] {
        [self.ties_x, self.ties_y].map(|ties| ties.cubes == self.cubes())
    }

    /// Spearman's correlation: Pearson's, of average ranks. `None` if all values of a side are equal.
    pub(crate) fn spearman(&self) -> Option<f64> {
        // Σ (2r − m − 1)² = (m³ − m − Σ t³ − t) / 3.
        let square = |ties: Ties| (self.cubes() - ties.cubes) as f64;
        let norm = (square(self.ties_x) * square(self.ties_y)).sqrt();
        (norm > 0.0).then(|| ((3 * self.product) as f64 / norm).clamp(-1.0, 1.0))
    }

    /// ρ_a: what Spearman's correlation is on average if ties are broken at random (Schütt et al. 2023).
    pub(crate) fn rho_a(&self) -> Option<f64> {
        (self.count > 1).then(|| (3 * self.product) as f64 / self.cubes() as f64)
    }
}

/// What Kendall's correlations consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Concordance {
    /// Number of pairs of values.
    pub(crate) pairs: u128,
    /// Concordant pairs less discordant ones.
    pub(crate) excess: i128,
    /// Pairs tied in x.
    pub(crate) ties_x: u128,
    /// Pairs tied in y.
    pub(crate) ties_y: u128,
}

impl Concordance {
    /// Whether all values of x, and of y, are equal.
    pub(crate) fn constant(&self) -> [bool; 2] {
        [self.ties_x, self.ties_y].map(|tied| tied == self.pairs)
    }

    /// τ-a: the excess among all pairs.
    pub(crate) fn tau_a(&self) -> Option<f64> {
        (self.pairs > 0).then(|| self.excess as f64 / self.pairs as f64)
    }

    /// τ-b: the excess over the geometric mean of the pairs that are not tied. `None` if all values of a side are equal.
    pub(crate) fn tau_b(&self) -> Option<f64> {
        let norm = ((self.pairs - self.ties_x) as f64 * (self.pairs - self.ties_y) as f64).sqrt();
        (norm > 0.0).then(|| (self.excess as f64 / norm).clamp(-1.0, 1.0))
    }
}

/// Spearman's correlation of two vectors, as tests ask for it; `None` if all values of one are equal.
#[cfg(test)]
pub(crate) fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    rank_sums(&mut records_of(x, y)).spearman()
}

#[cfg(test)]
fn records_of<F: Ordered>(x: &[F], y: &[F]) -> Vec<Record<F::Key>> {
    x.iter().zip(y).map(|(x, y)| Record { x: x.key(), y: y.key() }).collect()
}

/// Replaces keys by doubled average ranks, sorts by those of y, and sums their products.
pub(crate) fn rank_sums<K: Key>(records: &mut [Record<K>]) -> RankSums {
    let mut spare = Vec::new();
    let ties_x = records::rank(records, &mut spare);
    let ties_y = records::rank(records, &mut spare);
    let count = records.len() as u64;
    RankSums { count, product: records::product(records, count), ties_x, ties_y }
}

/// Counts concordant and discordant pairs (Knight 1966).
pub(crate) fn concordance<K: Key>(records: &mut [Record<K>]) -> Concordance {
    let sums = rank_sums(records);
    inversions::concordance(records, sums.ties_x.pairs, sums.ties_y.pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers with many ties, in no order.
    fn sample(n: usize, step: usize, distinct: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * step + i * i * 31) % distinct) as f64 - distinct as f64 / 3.0).collect()
    }

    /// Average ranks from 1: equal values share the mean of the ranks they take up together.
    fn average_ranks(values: &[f64]) -> Vec<f64> {
        let index = values.iter().enumerate();
        let mut records: Vec<_> = index.map(|(at, value)| Record { x: value.key(), y: at as u64 }).collect();
        records::rank(&mut records, &mut Vec::new());
        let mut ranks = vec![0.0; values.len()];
        for Record { x: at, y: doubled } in records {
            ranks[at as usize] = doubled as f64 / 2.0;
        }
        ranks
    }

    fn naive_ranks(values: &[f64]) -> Vec<f64> {
        let rank = |v: f64| {
            let below = values.iter().filter(|w| **w < v).count() as f64;
            below + f64::midpoint(values.iter().filter(|w| **w == v).count() as f64, 1.0)
        };
        values.iter().map(|v| rank(*v)).collect()
    }

    fn pearson(a: &[f64], b: &[f64]) -> f64 {
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (ma, mb) = (mean(a), mean(b));
        let product = |a: &[f64], ma: f64, b: &[f64], mb: f64| -> f64 {
            a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum()
        };
        product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
    }

    #[test]
    fn ranks_of_ties_are_averaged() {
        assert_eq!(average_ranks(&[3.0, -1.0, 3.0, 0.0, -0.0, 7.5]), [4.5, 1.0, 4.5, 2.5, 2.5, 6.0]);
        assert!(average_ranks(&[]).is_empty());
        for (n, distinct) in [(1, 3), (70, 9), (3000, 211), (5000, 1_000_003)] {
            let values = sample(n, 7919, distinct);
            assert_eq!(average_ranks(&values), naive_ranks(&values), "{n}");
        }
    }

    /// Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 − 6 Σd² / (m³ − m) = 1 − 6 · 4 / 120.
    #[test]
    fn spearman_by_hand() {
        let rho = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[20.0, 10.0, 40.0, 30.0, 50.0]).unwrap();
        assert!((rho - 0.8).abs() < 1e-15);
        assert_eq!(spearman(&[1.0, 2.0], &[3.0, 3.0]), None);
        assert_eq!(spearman(&[], &[]), None);
        assert_eq!(spearman(&[0.1, 0.7, 0.2, 0.2], &[0.1, 0.7, 0.2, 0.2]), Some(1.0));
    }

    #[test]
    fn rank_correlations_are_those_of_the_definitions() {
        for (n, distinct) in [(5, 7), (50, 7), (600, 41), (600, 100_003)] {
            let (x, y) = (sample(n, 7919, distinct), sample(n, 104_729, distinct + 2));
            let (ranks_x, ranks_y) = (naive_ranks(&x), naive_ranks(&y));
            let mut records = records_of(&x, &y);
            let sums = rank_sums(&mut records);
            assert!((sums.spearman().unwrap() - pearson(&ranks_x, &ranks_y)).abs() < 1e-12);
            let mean = f64::midpoint(n as f64, 1.0);
            let product: f64 = ranks_x.iter().zip(&ranks_y).map(|(a, b)| (a - mean) * (b - mean)).sum();
            let rho_a = 12.0 * product / ((n as f64).powi(3) - n as f64);
            assert!((sums.rho_a().unwrap() - rho_a).abs() < 1e-12);

            let (mut excess, mut tied_x, mut tied_y) = (0i128, 0, 0);
            for i in 0..n {
                for j in 0..i {
                    let sign = |v: &[f64]| (v[i] - v[j]).partial_cmp(&0.0).unwrap() as i128;
                    excess += sign(&x) * sign(&y);
                    tied_x += u128::from(x[i] == x[j]);
                    tied_y += u128::from(y[i] == y[j]);
                }
            }
            let found = concordance(&mut records_of(&x, &y));
            let pairs = (n * (n - 1) / 2) as u128;
            assert_eq!(found, Concordance { pairs, excess, ties_x: tied_x, ties_y: tied_y });
            let single = |v: &[f64]| v.iter().map(|v| *v as f32).collect::<Vec<_>>();
            assert_eq!(concordance(&mut records_of(&single(&x), &single(&y))), found);
        }
    }
}
