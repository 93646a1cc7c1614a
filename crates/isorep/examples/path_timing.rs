//! Times the whole ε-path of subspace match, split into the QR of the inputs and the peeling.
//!
//! Timed: from activations in memory (column-major f64) to the critical ε of every neuron, on one thread.
//! Not timed: making the activations.

#![allow(clippy::print_stdout)] // the figures are the point of it

use isorep::Matrix;
use isorep::measures::subspace::{Epsilon, Neurons, Path, ZeroNeurons, simple_matches};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

fn main() -> isorep::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    println!("case                                  QR s  peel s  total s   score  ranks");
    let (n, d) = (5_000, 512);
    let (x, y) = (normal(&mut rng, n, d), normal(&mut rng, n, d));
    report("noise, 512 + 512 x 5 000", &x, &y)?;
    let signal = normal(&mut rng, n, 256);
    let (x, y) = (layer(&mut rng, &signal, d, 0.3), layer(&mut rng, &signal, d, 0.3));
    report("ReLU of a shared signal, 512 + 512", &x, &y)?;
    let mut twin = x.clone();
    twin.values_mut()[..n * d / 2].copy_from_slice(&y.values()[..n * d / 2]);
    report("half of the neurons shared, 512 + 512", &twin, &y)?;
    let (x, y) = chain(&mut rng, 2_000, 192);
    report("chain, 192 + 192 x 2 000", &x, &y)?;
    let (x, y) = chain(&mut rng, 2_000, 384);
    report("chain, 384 + 384 x 2 000", &x, &y)?;
    let (x, y) = (normal(&mut rng, 400, d), normal(&mut rng, 400, d));
    report("saturated, 512 + 512 x 400", &x, &y)?;
    let signal = normal(&mut rng, 2_000, 64);
    let (x, y) = (layer(&mut rng, &signal, 96, 0.1), layer(&mut rng, &signal, 96, 0.1));
    report("ReLU, 96 + 96 x 2 000", &x, &y)?;
    let neurons = Neurons::new(&x, &y);
    let start = Instant::now();
    let simple = simple_matches(&neurons, Epsilon::new(0.6)?, ZeroNeurons::Unmatched);
    println!("  its {} simple matches at .6: {:.3} s", simple.len(), start.elapsed().as_secs_f64());
    Ok(())
}

fn report(case: &str, x: &Matrix, y: &Matrix) -> isorep::Result<()> {
    let start = Instant::now();
    let neurons = Neurons::new(x, y);
    let qr = start.elapsed().as_secs_f64();
    let path = Path::new(&neurons, ZeroNeurons::Unmatched)?;
    let total = start.elapsed().as_secs_f64();
    let ranks = path.ranks();
    println!(
        "{case:38} {qr:.3}   {:.3}    {total:.3}   {:.4}  {} {} {} of {}",
        total - qr,
        path.score(),
        ranks.x,
        ranks.y,
        ranks.joint,
        ranks.ambient
    );
    Ok(())
}

/// Standard normal values, by Box and Muller.
fn normal(rng: &mut impl Rng, rows: usize, columns: usize) -> Matrix {
    Matrix::from_fn(rows, columns, |_, _| {
        let (radius, angle): (f64, f64) = (rng.random(), rng.random());
        (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    })
}

/// Neurons as a trained layer has them: rectified sums of a signal both networks have, and noise of their own.
fn layer(rng: &mut impl Rng, signal: &Matrix, d: usize, noise: f64) -> Matrix {
    let weights = normal(rng, signal.columns(), d);
    let own = normal(rng, signal.rows(), d);
    let mut out = Matrix::zeros(signal.rows(), d);
    for j in 0..d {
        let column = out.column_mut(j);
        for (k, &weight) in weights.column(j).iter().enumerate() {
            let scale = weight / ((k + 1) as f64).sqrt(); // a decaying spectrum
            column.iter_mut().zip(signal.column(k)).for_each(|(value, s)| *value += scale * s);
        }
        column.iter_mut().zip(own.column(j)).for_each(|(value, e)| *value = (*value + noise * e).max(0.0));
    }
    out
}

/// Neurons of which each holds the next one up: yᵢ = xᵢ + xᵢ₊₁ / 2, and the last leans on nothing.
fn chain(rng: &mut impl Rng, n: usize, length: usize) -> (Matrix, Matrix) {
    let links = normal(rng, n, length + 1);
    let x = Matrix::from_fn(n, length, |i, j| links[(i, j)]);
    let y = Matrix::from_fn(n, length, |i, j| links[(i, j)] + 0.5 * links[(i, j + 1)]);
    (x, y)
}
