//! A 3 × 3 convolution as a matrix product: gathers the nine neighbours of every position into one row, and the
//! adjoint of that, which adds a gradient of such rows back to the positions they came from.

use super::Activations;

/// Positions a 3 × 3 window covers.
pub(super) const WINDOW: usize = 9;

/// One row a position: the channels of its nine neighbours, zero outside the image ("same" padding).
pub(super) fn gather(x: &Activations) -> Vec<f32> {
    let c = x.channels();
    let mut rows = vec![0.0; x.n() * x.positions() * WINDOW * c];
    for_each_neighbour(x, |row, slot, from| {
        let to = (row * WINDOW + slot) * c;
        rows[to..to + c].copy_from_slice(&x.values()[from * c..(from + 1) * c]);
    });
    rows
}

/// Adds each row's parts to the positions [`gather`] took them from; `like` gives the shape.
pub(super) fn scatter(rows: &[f32], like: &Activations) -> Vec<f32> {
    let c = like.channels();
    let mut sums = vec![0.0; like.values().len()];
    for_each_neighbour(like, |row, slot, to| {
        let from = (row * WINDOW + slot) * c;
        let target = &mut sums[to * c..(to + 1) * c];
        target.iter_mut().zip(&rows[from..from + c]).for_each(|(t, v)| *t += v);
    });
    sums
}

/// Calls `visit(position, slot 0 … 8, position of that neighbour)` for the neighbours that exist.
fn for_each_neighbour(shape: &Activations, mut visit: impl FnMut(usize, usize, usize)) {
    let (h, w) = (shape.height(), shape.width());
    for image in 0..shape.n() {
        for i in 0..h {
            for j in 0..w {
                let here = (image * h + i) * w + j;
                // Coordinates shifted by one, so that they stay unsigned at the upper and left border.
                for a in (i..i + 3).filter(|a| (1..=h).contains(a)) {
                    for b in (j..j + 3).filter(|b| (1..=w).contains(b)) {
                        visit(here, (a - i) * 3 + (b - j), (image * h + a - 1) * w + b - 1);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_sees_four_positions_and_the_middle_nine() {
        let x = Activations::new(1, 3, 3, 1, (1..=9_u8).map(f32::from).collect());
        let rows = gather(&x);
        assert_eq!(rows[..9], [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 4.0, 5.0]);
        assert_eq!(rows[36..45], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    }

    #[test]
    fn scatter_is_the_adjoint_of_gather() {
        let value = |i: usize| ((i * 37) % 11) as f32 - 5.0;
        let x = Activations::new(2, 3, 4, 2, (0..48).map(value).collect());
        let g: Vec<f32> = (0..48 * WINDOW).map(|i| value(i + 5)).collect();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        assert_eq!(dot(&gather(&x), &g), dot(x.values(), &scatter(&g, &x)));
    }
}
