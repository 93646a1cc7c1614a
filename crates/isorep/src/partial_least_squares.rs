//! Partial least squares regression (PLS2) from products of centred rows alone.
//!
//! Each component is the direction of x whose covariance with y is largest; what it carries is taken out of `XᵀY`, and
//! never out of the rows (Dayal & MacGregor 1997). The scores of components are at right angles to each other, so taking
//! them out of y as well would change nothing.

use crate::Result;
use crate::linalg::{Eigen, Matrix, dot, multiply, multiply_at_b, multiply_transposed, squared_norm};

/// What is left of `XᵀY` or of the variance along a component counts as rounding below this share.
const EXHAUSTED: f64 = 1e-12;
/// Matrices up to this order are decomposed as a whole.
const SMALL: usize = 64;
/// Lanczos steps before the whole matrix is decomposed after all.
const STEPS: usize = 120;
/// Residual of the leading direction, relative to its eigenvalue.
const CONVERGED: f64 = 1e-13;

/// The map B of `Y ≈ X B` with at most so many components, `d_x` × `d_y`; fewer if nothing is left to explain, or nothing to
/// explain it with.
///
/// # Errors
/// [`crate::Error::Decomposition`].
pub(crate) fn coefficients(scatter: &Matrix, cross: &Matrix, components: usize) -> Result<Matrix> {
    let (d_x, d_y) = (cross.rows(), cross.columns());
    let mut map = Matrix::zeros(d_x, d_y);
    let mut left = cross.clone();
    let whole = squared_norm(cross).sqrt();
    let variation: f64 = (0..d_x).map(|j| scatter[(j, j)]).sum();
    let (mut directions, mut loadings) = (Vec::<Matrix>::new(), Vec::<Matrix>::new());
    for _ in 0..components.min(d_x) {
        if squared_norm(&left).sqrt() <= EXHAUSTED * whole {
            break;
        }
        let weights = leading_left(&left)?;
        let mut direction = weights.clone();
        for (r, p) in directions.iter().zip(&loadings) {
            add(&mut direction, -dot(p.values(), weights.values()), r);
        }
        let mut loading = multiply(scatter, &direction);
        let variance = dot(loading.values(), direction.values());
        if variance <= EXHAUSTED * variation {
            break;
        }
        loading.values_mut().iter_mut().for_each(|v| *v /= variance);
        let answer = multiply_at_b(cross, &direction);
        for (j, a) in answer.values().iter().enumerate() {
            let taken = left.column_mut(j).iter_mut().zip(loading.values());
            taken.for_each(|(s, p)| *s -= a * p);
            let given = map.column_mut(j).iter_mut().zip(direction.values());
            given.for_each(|(b, r)| *b += a / variance * r);
        }
        directions.push(direction);
        loadings.push(loading);
    }
    Ok(map)
}

fn add(to: &mut Matrix, factor: f64, by: &Matrix) {
    to.values_mut().iter_mut().zip(by.values()).for_each(|(t, b)| *t += factor * b);
}

/// The leading left singular vector, of unit length; its sign is of no account.
fn leading_left(m: &Matrix) -> Result<Matrix> {
    let by_rows = m.rows() < m.columns();
    let v = if m.rows().min(m.columns()) <= SMALL {
        Eigen::of(&multiply_transposed(m))?.vectors.leading_columns(1)
    } else {
        lanczos(m, by_rows)?
    };
    if by_rows {
        return Ok(v);
    }
    let mut left = multiply(m, &v);
    normalise(&mut left);
    Ok(left)
}

fn normalise(v: &mut Matrix) -> f64 {
    let length = squared_norm(v).sqrt();
    v.values_mut().iter_mut().for_each(|x| *x /= length);
    length
}

/// The leading eigenvector of `m mᵀ` (or `mᵀ m`), by Lanczos steps from the longest column (row) of m, each made orthogonal to
/// all before.
fn lanczos(m: &Matrix, by_rows: bool) -> Result<Matrix> {
    let m = if by_rows { m.transpose() } else { m.clone() };
    let lengths: Vec<f64> =
        (0..m.rows()).map(|i| (0..m.columns()).map(|j| m[(i, j)].powi(2)).sum()).collect();
    let longest = (0..m.rows()).max_by(|a, b| lengths[*a].total_cmp(&lengths[*b])).unwrap_or(0);
    let mut next = Matrix::from_fn(m.columns(), 1, |j, _| m[(longest, j)]);
    normalise(&mut next);
    let (mut steps, mut diagonal, mut beside) = (Vec::<Matrix>::new(), Vec::new(), Vec::<f64>::new());
    while steps.len() < STEPS.min(m.columns()) {
        let mut moved = multiply_at_b(&m, &multiply(&m, &next));
        diagonal.push(dot(moved.values(), next.values()));
        steps.push(next);
        for step in steps.iter().chain(&steps) {
            let along = dot(step.values(), moved.values());
            add(&mut moved, -along, step);
        }
        let k = steps.len();
        let length = squared_norm(&moved).sqrt();
        let within = Matrix::from_fn(k, k, |i, j| match i.abs_diff(j) {
            0 => diagonal[i],
            1 => beside[i.min(j)],
            _ => 0.0,
        });
        let Eigen { values, vectors } = Eigen::of(&within)?;
        if length * vectors[(k - 1, 0)].abs() <= CONVERGED * values[0] {
            let mut found = Matrix::zeros(m.columns(), 1);
            steps.iter().zip(vectors.column(0)).for_each(|(step, share)| add(&mut found, *share, step));
            normalise(&mut found);
            return Ok(found);
        }
        beside.push(length);
        moved.values_mut().iter_mut().for_each(|v| *v /= length);
        next = moved;
    }
    Ok(Eigen::of(&multiply_at_b(&m, &m))?.vectors.leading_columns(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Cholesky;
    use crate::overlap::tests::random;

    #[test]
    fn as_many_components_as_neurons_are_least_squares() {
        let (x, y) = (random(60, 5, 1), random(60, 3, 2));
        let (scatter, cross) = (multiply_at_b(&x, &x), multiply_at_b(&x, &y));
        let mut expected = cross.clone();
        let cholesky = Cholesky::of(&scatter).unwrap();
        cholesky.whiten(&mut expected);
        cholesky.unwhiten(&mut expected);
        for components in [5, 25] {
            let found = coefficients(&scatter, &cross, components).unwrap();
            for (a, b) in found.values().iter().zip(expected.values()) {
                assert!((a - b).abs() < 1e-10, "{components}: {a} {b}");
            }
        }
    }

    /// The plain algorithm: scores on the rows, taken out of both sides.
    #[test]
    fn components_are_those_of_the_rows() {
        let (x, y) = (random(40, 7, 3), random(40, 4, 4));
        let (mut rest_x, mut rest_y, mut fitted) = (x.clone(), y.clone(), Matrix::zeros(40, 4));
        for components in 1..=4 {
            let svd = crate::linalg::Svd::of(&multiply_at_b(&rest_x, &rest_y)).unwrap();
            let t = multiply(&rest_x, &svd.u.leading_columns(1));
            let size = squared_norm(&t);
            let (p, q) = (multiply_at_b(&rest_x, &t), multiply_at_b(&rest_y, &t));
            for i in 0..40 {
                (0..7).for_each(|j| rest_x[(i, j)] -= t[(i, 0)] * p[(j, 0)] / size);
                for j in 0..4 {
                    rest_y[(i, j)] -= t[(i, 0)] * q[(j, 0)] / size;
                    fitted[(i, j)] += t[(i, 0)] * q[(j, 0)] / size;
                }
            }
            let map = coefficients(&multiply_at_b(&x, &x), &multiply_at_b(&x, &y), components).unwrap();
            for (a, b) in multiply(&x, &map).values().iter().zip(fitted.values()) {
                assert!((a - b).abs() < 1e-10, "{components}: {a} {b}");
            }
        }
    }

    /// Sums of squared residuals of `PLSRegression(k, scale=False, tol=1e-15, max_iter=100000)` of scikit-learn 1.9.1,
    /// whose power iterations leave errors of about 1e-8.
    #[test]
    fn maps_are_those_of_scikit_learn() {
        let centred = |m: Matrix| {
            let mean = |j: usize| m.column(j).iter().sum::<f64>() / 12.0;
            Matrix::from_fn(12, m.columns(), |i, j| m[(i, j)] - mean(j))
        };
        let x = centred(Matrix::from_fn(12, 4, |i, j| ((i * i * 7 + i * (j + 1) * 3 + j * 5) % 13) as f64));
        let y = centred(Matrix::from_fn(12, 3, |i, j| ((i * i * 5 + i * (j + 2) * 2 + j * 7) % 11) as f64));
        let (scatter, cross) = (multiply_at_b(&x, &x), multiply_at_b(&x, &y));
        for (components, expected) in [(1, 139.115_241_130), (2, 107.271_939_462), (3, 93.803_647_397)] {
            let fitted = multiply(&x, &coefficients(&scatter, &cross, components).unwrap());
            let error: f64 = fitted.values().iter().zip(y.values()).map(|(f, y)| (y - f).powi(2)).sum();
            assert!((error - expected).abs() < 1e-6, "{components}: {error} {expected}");
        }
    }

    #[test]
    fn lanczos_finds_what_the_whole_decomposition_finds() {
        for (rows, columns) in [(90, 70), (70, 90), (200, 65), (70, 70), (20, 20)] {
            let m = random(rows, columns, 5);
            let (quick, whole) = (leading_left(&m).unwrap(), crate::linalg::Svd::of(&m).unwrap().u);
            let along = dot(quick.values(), whole.column(0)).abs();
            assert!((along - 1.0).abs() < 1e-12, "{rows} × {columns}: {along}");
        }
    }
}
