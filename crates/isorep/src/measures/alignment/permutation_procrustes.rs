#![doc = include_str!("permutation_procrustes.md")]

use super::Form;
use super::single_neurons::Neurons;
use crate::assignment::maximum_assignment;
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Matrix, Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_PI_2, PI, SQRT_2};

/// The distance that remains under the best order of the neurons.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PermutationProcrustes {
    /// Which distance between shapes.
    pub form: Form,
    /// Whether the mean of every neuron is subtracted first.
    pub center: bool,
    /// Which side zero neurons are added to.
    pub padding: Padding,
}

/// Which side is padded with zero neurons, so that a neuron of the other may stay alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Padding {
    /// The narrower one up to the width of the other: all neurons of the narrower side must be matched.
    #[default]
    Narrower,
    /// Both: neurons are matched only where that brings the sides nearer.
    Both,
}

impl Default for PermutationProcrustes {
    fn default() -> Self {
        Self { form: Form::default(), center: true, padding: Padding::default() }
    }
}

impl PermutationProcrustes {
    /// Which neuron of x is matched with which of y, counted from 0 and in order of x. Where several matchings are as good, one of them.
    ///
    /// # Errors
    /// As [`Measure::compare`].
    pub fn matched(&self, pair: &Pair) -> Result<Vec<(usize, usize)>> {
        let mut matched = self.matching(&self.neurons(pair)?.cross);
        matched.sort_unstable();
        Ok(matched)
    }

    fn neurons(self, pair: &Pair) -> Result<Neurons<'_>> {
        let neurons = Neurons::of(pair, self.center)?;
        if self.form == Form::SizeAndShape {
            return Ok(neurons);
        }
        let (x, y) = (neurons.x.size().sqrt(), neurons.y.size().sqrt());
        Ok(neurons.multiplied(x.recip(), y.recip()))
    }

    fn matching(self, products: &Matrix) -> Vec<(usize, usize)> {
        match self.padding {
            Padding::Narrower => maximum_assignment(products),
            Padding::Both => {
                let gain =
                    Matrix::from_fn(products.rows(), products.columns(), |i, j| products[(i, j)].max(0.0));
                maximum_assignment(&gain).into_iter().filter(|pair| gain[*pair] > 0.0).collect()
            }
        }
    }
}

impl Measure for PermutationProcrustes {
    const INFO: Info = Info {
        id: "permutation-procrustes",
        title: "Permutation Procrustes distance",
        family: Family::Alignment,
        formula: "min over permutations P of ||X P - Y||",
        reference: "Williams et al. 2021, arXiv:2110.14739; Li et al. 2016, arXiv:1511.07543",
        options: &[
            Form::OPTION,
            ("center", "whether the mean of every neuron is subtracted first: true or false"),
            (
                "padding",
                "narrower (all neurons of the narrower side are matched), both (only where it brings the sides nearer)",
            ),
        ],
        doc: include_str!("permutation_procrustes.md"),
    };

    fn properties(&self) -> Properties {
        let mut invariance = Invariance::PERMUTATION;
        if self.center {
            invariance |= Invariance::TRANSLATION;
        }
        if self.form != Form::SizeAndShape {
            invariance |= Invariance::SCALE;
        }
        let high = match (self.form, self.padding) {
            (Form::SizeAndShape, _) => f64::INFINITY,
            (Form::Normalized, Padding::Narrower) => 2.0,
            (Form::Normalized, Padding::Both) => SQRT_2,
            (Form::Angular, Padding::Narrower) => PI,
            (Form::Angular, Padding::Both) => FRAC_PI_2,
            (Form::Full, _) => 1.0,
        };
        Properties {
            kind: Kind::Distance,
            range: (0.0, high),
            identity: Some(0.0),
            symmetric: true,
            // Between unequal widths `narrower` forces matches that a longer way round avoids.
            metric: self.padding == Padding::Both,
            aligned: true,
            invariance: Sides::both(invariance),
            needs: Needs::empty(),
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let neurons = self.neurons(pair)?;
        let matched = self.matching(&neurons.cross);
        let mut alone = (neurons.x.squares.clone(), neurons.y.squares.clone());
        for (i, j) in &matched {
            (alone.0[*i], alone.1[*j]) = (0.0, 0.0);
        }
        let shares: Vec<_> = matched.into_iter().map(|(i, j)| (i, j, 1.0)).collect();
        let alone = alone.0.iter().sum::<f64>() + alone.1.iter().sum::<f64>();
        let squared = neurons.matched_distance(&shares)? + alone;
        Ok(match self.form {
            Form::SizeAndShape => squared.sqrt(),
            // 2 − 2 cos θ; where neurons may stay alone no angle is obtuse.
            form => form.of_gap(squared.min(if self.padding == Padding::Both { 2.0 } else { 4.0 }) / 2.0),
        })
    }

    fn samples() -> Vec<Self> {
        let default = Self::default();
        vec![
            default,
            Self { form: Form::Angular, center: false, ..default },
            Self { form: Form::Full, padding: Padding::Both, ..default },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Representation;

    fn pair(d: (usize, usize), x: Vec<f64>, y: Vec<f64>) -> Pair {
        let side = |name, d, values: Vec<f64>| Representation::from_f64(name, values.len() / d, d, values);
        Pair::new(&side("x", d.0, x).unwrap(), &side("y", d.1, y).unwrap()).unwrap()
    }

    fn value(pair: &Pair, form: Form, center: bool, padding: Padding) -> f64 {
        PermutationProcrustes { form, center, padding }.compare(pair).unwrap()
    }

    /// x = (a, b) and y = (−a, 2b) with a, b orthogonal, ‖a‖² = 4, ‖b‖² = 2. Straight: inner products −4 + 4 = 0;
    /// crossed: 0 as well. So ‖x‖² + ‖y‖² = 6 + 12 remains, and the angle is a right one. If a may stay alone, only b is
    /// matched: 18 − 2·4 = 10, and cos θ = 4 / √(6·12).
    #[test]
    fn forced_and_free_matches_by_hand() {
        let (a, b) = ([1.0, -1.0, 1.0, -1.0], [1.0, 0.0, -1.0, 0.0]);
        let rows = |f: f64, g: f64| (0..4).flat_map(|i| [f * a[i], g * b[i]]).collect::<Vec<f64>>();
        let pair = pair((2, 2), rows(1.0, 1.0), rows(-1.0, 2.0));
        assert_eq!(value(&pair, Form::SizeAndShape, true, Padding::Narrower), 18f64.sqrt());
        assert_eq!(value(&pair, Form::SizeAndShape, true, Padding::Both), 10f64.sqrt());
        let angle = |padding| value(&pair, Form::Angular, true, padding);
        assert!((angle(Padding::Narrower) - FRAC_PI_2).abs() < 1e-15);
        assert!((angle(Padding::Both).cos() - 4.0 / 72f64.sqrt()).abs() < 1e-15);
        let free = PermutationProcrustes { padding: Padding::Both, ..PermutationProcrustes::default() };
        assert_eq!(free.matched(&pair).unwrap(), [(1, 1)]);
    }

    /// One neuron and its negative: 2‖x‖ and a half turn if they are matched, √2‖x‖ and a right angle if they need not be.
    /// By way of (x, 0) it is √2‖x‖ too, which is why only the second is a metric.
    #[test]
    fn padding_of_the_narrower_side_breaks_the_triangle_inequality() {
        let x = vec![1.0, 2.0, -3.0, 0.0];
        let minus: Vec<f64> = x.iter().map(|v| -v).collect();
        let padded: Vec<f64> = x.iter().flat_map(|v| [*v, 0.0]).collect();
        let of = |d: (usize, usize), a: &[f64], b: &[f64], padding| {
            value(&pair(d, a.to_vec(), b.to_vec()), Form::SizeAndShape, true, padding)
        };
        let length = 14f64.sqrt();
        let direct = |padding| of((1, 1), &x, &minus, padding);
        let detour = |padding| of((1, 2), &x, &padded, padding) + of((2, 1), &padded, &minus, padding);
        assert!((direct(Padding::Narrower) - 2.0 * length).abs() < 1e-14);
        assert!((detour(Padding::Narrower) - SQRT_2 * length).abs() < 1e-14);
        assert!((direct(Padding::Both) - SQRT_2 * length).abs() < 1e-14);
        assert!((detour(Padding::Both) - SQRT_2 * length).abs() < 1e-14);
        assert_eq!(value(&pair((1, 1), x, minus), Form::Angular, true, Padding::Narrower), PI);
    }

    #[test]
    fn order_and_a_tiny_change_are_found() {
        let n = 40;
        let x: Vec<f64> = (0..3 * n).map(|k| f64::from((k * k * 7 + k * 5) as u32 % 43)).collect();
        let by = 1e-9;
        let y: Vec<f64> =
            (0..n).flat_map(|i| [x[3 * i + 2] + by * (i % 2) as f64, x[3 * i], x[3 * i + 1]]).collect();
        let pair = pair((3, 3), x, y);
        let measure = PermutationProcrustes::default();
        assert_eq!(measure.matched(&pair).unwrap(), [(0, 1), (1, 2), (2, 0)]);
        // Half of the inputs moved: √(n/4) · by about the mean.
        assert!((measure.compare(&pair).unwrap() / (by * (n as f64 / 4.0).sqrt()) - 1.0).abs() < 1e-5);
    }

    /// Uncentred, a common mean is a part of every neuron: x = 1 + a, y = 1 + b with ‖1‖² = 4, ‖a‖² = ‖b‖² = 4, ⟨a, b⟩ = 0.
    #[test]
    fn centring_decides_whether_means_count() {
        let pair = pair((1, 1), vec![2.0, 0.0, 2.0, 0.0], vec![2.0, 2.0, 0.0, 0.0]);
        assert!((value(&pair, Form::Angular, true, Padding::Narrower) - FRAC_PI_2).abs() < 1e-15);
        assert!((value(&pair, Form::Angular, false, Padding::Narrower).cos() - 0.5).abs() < 1e-15);
    }
}
