//! Times the whole ε-path of subspace match, split into the QR of the inputs and the peeling.
//!
//! Timed: from activations in memory (column-major f64) to the critical ε of every neuron, on one thread, in
//! seconds of CPU time where the system tells (Linux). Not timed: making the activations.

#![allow(clippy::print_stdout)] // the figures are the point of it

use isorep::Matrix;
use isorep::measures::subspace::{Epsilon, Match, Neurons, Path, ZeroNeurons, simple_matches};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::LazyLock;
use std::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// CPU time of this thread, or the time of the day if it is not known.
fn cpu_seconds() -> f64 {
    let wall = START.elapsed().as_secs_f64();
    let Ok(text) = std::fs::read_to_string("/proc/thread-self/schedstat") else { return wall };
    let nanoseconds = text.split_whitespace().next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.map_or(wall, |nanoseconds| 1e-9 * nanoseconds)
}

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
    let low = normal(&mut rng, n, 300);
    let (x, y) = (mixture(&mut rng, &low, d), mixture(&mut rng, &low, d));
    report("rank 300 + own 100, 512 + 512 x 5 000", &x, &y)?;
    let signal = normal(&mut rng, 2_000, 64);
    for d in [96, 192] {
        let (x, y) = (layer(&mut rng, &signal, d, 0.1), layer(&mut rng, &signal, d, 0.1));
        report(&format!("ReLU, {d} + {d} x 2 000"), &x, &y)?;
        let neurons = Neurons::new(&x, &y);
        for epsilon in [0.4, 0.6] {
            let start = cpu_seconds();
            let simple = simple_matches(&neurons, Epsilon::new(epsilon)?, ZeroNeurons::Unmatched);
            let largest = simple.last().map_or(0, Match::len);
            println!(
                "  at {epsilon}: {} simple matches of at most {largest} neurons in {:.3} s",
                simple.len(),
                cpu_seconds() - start
            );
        }
    }
    Ok(())
}

fn report(case: &str, x: &Matrix, y: &Matrix) -> isorep::Result<()> {
    let start = cpu_seconds();
    let neurons = Neurons::new(x, y);
    let qr = cpu_seconds() - start;
    let path = Path::new(&neurons, ZeroNeurons::Unmatched)?;
    let total = cpu_seconds() - start;
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

/// Rank-deficient neurons: mixtures of a shared subspace and of 100 directions of their own.
fn mixture(rng: &mut impl Rng, shared: &Matrix, d: usize) -> Matrix {
    let own = normal(rng, shared.rows(), 100);
    let mut out = Matrix::zeros(shared.rows(), d);
    for j in 0..d {
        for k in 0..shared.columns() + 100 {
            let (source, scale) = if k < shared.columns() {
                (shared.column(k), 1.0)
            } else {
                (own.column(k - shared.columns()), 0.5)
            };
            let weight = scale * normal(rng, 1, 1)[(0, 0)];
            out.column_mut(j).iter_mut().zip(source).for_each(|(value, s)| *value += weight * s);
        }
    }
    out
}
