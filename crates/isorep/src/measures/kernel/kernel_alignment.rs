#![doc = include_str!("kernel_alignment.md")]

use super::CosineForm;
use super::about_zero::AboutZero;
use super::cka::{NEAR, cosine};
use crate::measure::{Family, Info, Invariance, Kind, Measure, Needs, Properties, Sides};
use crate::{Pair, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

/// Kernel alignment without centring.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KernelAlignment {
    /// The cosine, or the angle.
    pub form: CosineForm,
}

impl Measure for KernelAlignment {
    const INFO: Info = Info {
        id: "kernel-alignment",
        title: "Kernel alignment",
        family: Family::Kernel,
        formula: "<K, L> / (||K|| ||L||), K = X X^T of the activations as they are",
        reference: "Cristianini et al. 2001, Advances in Neural Information Processing Systems 14; Cortes et al. 2012, \
                    arXiv:1203.0550",
        options: &[CosineForm::OPTION],
        doc: include_str!("kernel_alignment.md"),
    };

    fn properties(&self) -> Properties {
        let angular = self.form == CosineForm::Angular;
        Properties {
            kind: if angular { Kind::Distance } else { Kind::Similarity },
            range: if angular { (0.0, FRAC_PI_2) } else { (0.0, 1.0) },
            identity: Some(if angular { 0.0 } else { 1.0 }),
            symmetric: true,
            metric: angular,
            aligned: true,
            invariance: Sides::both(Invariance::ORTHOGONAL | Invariance::SCALE),
            needs: Needs::SELF_TERMS,
        }
    }

    fn compare(&self, pair: &Pair) -> Result<f64> {
        let sums = AboutZero::of(pair)?;
        let cosine = cosine(sums.between, (sums.x.length, sums.y.length), 0.0);
        match self.form {
            CosineForm::Cosine => Ok(cosine),
            CosineForm::Angular if cosine < NEAR => Ok(cosine.acos()),
            CosineForm::Angular => {
                let squared = sums.squared_gap(pair)?.unwrap_or(2.0 - 2.0 * cosine);
                Ok(2.0 * (0.5 * squared.max(0.0).sqrt()).asin())
            }
        }
    }

    fn chance(&self, pair: &Pair) -> Result<Option<f64>> {
        if self.form == CosineForm::Angular {
            return Ok(None);
        }
        let sums = AboutZero::of(pair)?;
        Ok(Some(sums.between_by_chance / sums.x.length / sums.y.length))
    }

    fn samples() -> Vec<Self> {
        [CosineForm::Cosine, CosineForm::Angular].map(|form| Self { form }).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cka, Estimator, Representation};

    fn side(name: &str, d: usize, values: Vec<f64>) -> Representation {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    }

    /// x = 1, 2 and y = 2, 1: `K = [1 2; 2 4]`, `L = [4 2; 2 1]`, ⟨K, L⟩ = 4 + 8 + 4 = 16, ‖K‖ = ‖L‖ = 5.
    #[test]
    fn two_inputs_by_hand() {
        let pair = Pair::new(&side("x", 1, vec![1., 2.]), &side("y", 1, vec![2., 1.])).unwrap();
        let value = KernelAlignment::default().compare(&pair).unwrap();
        assert!((value - 0.64).abs() < 1e-14);
        let angle = KernelAlignment { form: CosineForm::Angular }.compare(&pair).unwrap();
        assert!((angle - 0.64f64.acos()).abs() < 1e-14);
        // The other order of the inputs gives y = x, which is 1.
        assert!((KernelAlignment::default().chance(&pair).unwrap().unwrap() - 0.82).abs() < 1e-14);
    }

    #[test]
    fn of_centred_sides_it_is_cka() {
        let x = side("x", 2, vec![1., 0., -2., 3., 1., -1., 0., -2.]);
        let y = side("y", 1, vec![2., -1., 1., -2.]);
        let pair = Pair::new(&x, &y).unwrap();
        let cka = Cka { estimator: Estimator::Gretton, ..Cka::default() };
        let value = KernelAlignment::default().compare(&pair).unwrap();
        assert!((value - cka.compare(&pair).unwrap()).abs() < 1e-14);
    }

    /// A common offset makes any two sides alike.
    #[test]
    fn a_mean_decides_where_it_is_large() {
        let x = side("x", 1, vec![101., 99., 100., 102.]);
        let y = side("y", 1, vec![99., 100., 102., 101.]);
        assert!(KernelAlignment::default().compare(&Pair::new(&x, &y).unwrap()).unwrap() > 0.999);
    }

    /// Near 1 an angle from arccos would have lost its digits: a second neuron of size t adds t² of angle.
    #[test]
    fn small_angles_keep_their_digits() {
        let angle = |t: f64| {
            let side = |t: f64| side("x", 2, vec![1.0, t, 1.0, -t, -1.0, 0.0, -1.0, 0.0, 0.5, 3.0 * t]);
            let measure = KernelAlignment { form: CosineForm::Angular };
            measure.compare(&Pair::new(&side(0.0), &side(t)).unwrap()).unwrap()
        };
        let (one, ten) = (angle(1e-6), angle(1e-5));
        assert!(one > 0.0 && (ten / one - 100.0).abs() < 0.1, "{one} {ten}");
    }
}
