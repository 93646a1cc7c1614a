//! Critical ε of ill-conditioned neurons against a plain peeling in double-double arithmetic.

use crate::data::{self, normal, product, sum};
use crate::double_double::DoubleDouble;
use isorep::Matrix;
use isorep::measures::subspace::{Neurons, Path, ZeroNeurons};

type Column = Vec<DoubleDouble>;

fn dot(a: &[DoubleDouble], b: &[DoubleDouble]) -> DoubleDouble {
    a.iter().zip(b).fold(DoubleDouble::from(0.0), |sum, (a, b)| sum + *a * *b)
}

fn unit(column: &[DoubleDouble]) -> Column {
    let norm = dot(column, column).sqrt();
    column.iter().map(|value| *value / norm).collect()
}

fn outside(column: &[DoubleDouble], directions: &[Column]) -> Column {
    let mut rest = column.to_vec();
    for q in directions.iter().chain(directions) {
        let along = dot(q, &rest);
        rest.iter_mut().zip(q).for_each(|(r, q)| *r = *r - along * *q);
    }
    rest
}

/// Relative residuals of `of` against the span of those columns of `span` that are left.
fn residuals(of: &[Column], span: &[Column], left: &[bool]) -> Vec<f64> {
    let mut directions: Vec<Column> = Vec::new();
    for (column, _) in span.iter().zip(left).filter(|(_, left)| **left) {
        directions.push(unit(&outside(column, &directions)));
    }
    let residual = |column: &Column| {
        let rest = outside(column, &directions);
        dot(&rest, &rest).sqrt().0
    };
    of.iter().map(residual).collect()
}

/// The critical ε by the definition of the peeling, one neuron at a time.
fn reference(x: &Matrix, y: &Matrix) -> (Vec<f64>, Vec<f64>) {
    let units = |side: &Matrix| -> Vec<Column> {
        let exact = |j| side.column(j).iter().map(|&value| DoubleDouble::from(value)).collect::<Vec<_>>();
        (0..side.columns()).map(|j| unit(&exact(j))).collect()
    };
    let (x, y) = (units(x), units(y));
    let mut left = (vec![true; x.len()], vec![true; y.len()]);
    let mut critical = (vec![1.0; x.len()], vec![1.0; y.len()]);
    let mut level = 1.0_f64;
    for _ in 0..x.len() + y.len() {
        let (of_x, of_y) = (residuals(&x, &y, &left.1), residuals(&y, &x, &left.0));
        let worst = |residuals: &[f64], left: &[bool]| {
            let candidates = (0..residuals.len()).filter(|&j| left[j]).map(|j| (residuals[j], j));
            candidates.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((-1.0, 0))
        };
        let (worst_x, worst_y) = (worst(&of_x, &left.0), worst(&of_y, &left.1));
        level = level.min(worst_x.0.max(worst_y.0));
        if worst_x.0 >= worst_y.0 {
            left.0[worst_x.1] = false;
            critical.0[worst_x.1] = level;
        } else {
            left.1[worst_y.1] = false;
            critical.1[worst_y.1] = level;
        }
    }
    critical
}

/// `d` neurons, the last two of them within 1/condition of the span of the others.
fn ill_conditioned(rng: &mut rand_chacha::ChaCha8Rng, signal: &Matrix, d: usize, condition: f64) -> Matrix {
    let own = normal(rng, signal.rows(), d);
    let free = sum(&product(signal, &normal(rng, signal.columns(), d)), 0.4, &own);
    let mut side = free.clone();
    for j in d - 2..d {
        let small = normal(rng, signal.rows(), 1);
        let weights: Vec<f64> = (0..d - 2).map(|_| data::normal_value(rng)).collect();
        let column = side.column_mut(j);
        for (i, value) in column.iter_mut().enumerate() {
            let combination: f64 = (0..d - 2).map(|k| weights[k] * free[(i, k)]).sum();
            *value = combination + small[(i, 0)] / condition;
        }
    }
    side
}

#[test]
fn error_grows_no_faster_than_the_condition_number() {
    for exponent in [0, 2, 4, 6, 7, 8, 9, 10] {
        let condition = 10_f64.powi(exponent);
        let mut worst = 0.0_f64;
        for seed in 0..6 {
            let mut rng = data::rng(100 * seed + exponent as u64);
            let signal = normal(&mut rng, 40, 4);
            let x = ill_conditioned(&mut rng, &signal, 8, condition);
            let y = ill_conditioned(&mut rng, &signal, 7, condition);
            let path = Path::new(&Neurons::new(&x, &y), ZeroNeurons::Unmatched).unwrap();
            assert_eq!((path.ranks().x, path.ranks().y, path.ranks().joint), (8, 7, 15));
            let (expected_x, expected_y) = reference(&x, &y);
            let found = path.critical_x().iter().chain(path.critical_y());
            for (found, expected) in found.zip(expected_x.iter().chain(&expected_y)) {
                worst = worst.max((found - expected).abs());
            }
        }
        println!("condition 1e{exponent}: largest error {worst:.1e}");
        assert!(worst <= 1e-12 + 1e-15 * condition, "condition 1e{exponent}: {worst:e}");
    }
}
