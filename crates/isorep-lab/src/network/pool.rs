//! Pooling: the largest of every 2 × 2 block, and where its gradient goes.

use super::Activations;

/// The largest value of each 2 × 2 block; an odd last row or column is left out.
pub(super) fn largest(x: &Activations) -> Activations {
    let (h, w, c) = (x.height() / 2, x.width() / 2, x.channels());
    let mut out = Activations::new(x.n(), h, w, c, vec![f32::NEG_INFINITY; x.n() * h * w * c]);
    for_each_in_block(x, |to, from| {
        let value = x.values()[from];
        let best = &mut out.values_mut()[to];
        *best = best.max(value);
    });
    out
}

/// The gradient of [`largest`] goes to the first position that holds the largest value.
pub(super) fn largest_gradient(x: &Activations, out: &Activations, dy: &[f32]) -> Vec<f32> {
    let mut dx = vec![0.0; x.values().len()];
    let mut given = vec![false; dy.len()];
    for_each_in_block(x, |to, from| {
        if !given[to] && x.values()[from] == out.values()[to] {
            given[to] = true;
            dx[from] = dy[to];
        }
    });
    dx
}

/// Calls `visit(index in the pooled map, index in x)`, block by block in reading order.
fn for_each_in_block(x: &Activations, mut visit: impl FnMut(usize, usize)) {
    let (h, w, c) = (x.height() / 2, x.width() / 2, x.channels());
    for image in 0..x.n() {
        for i in 0..2 * h {
            for j in 0..2 * w {
                let to = ((image * h + i / 2) * w + j / 2) * c;
                let from = ((image * x.height() + i) * x.width() + j) * c;
                (0..c).for_each(|channel| visit(to + channel, from + channel));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_of_blocks_and_its_gradient() {
        let x = Activations::new(1, 3, 4, 1, vec![1., 5., 2., 2., 0., 3., 2., 1., 9., 9., 9., 9.]);
        let out = largest(&x);
        assert_eq!((out.height(), out.width(), out.values()), (1, 2, &[5.0, 2.0][..]));
        // The tie in the second block goes to the first of the equal values; the odd last row gets nothing.
        let dx = largest_gradient(&x, &out, &[7.0, 8.0]);
        assert_eq!(dx, [0., 7., 8., 0., 0., 0., 0., 0., 0., 0., 0., 0.]);
    }
}
