//! The most multiply-adds this machine does in a second: a loop that keeps its numbers in registers and touches no memory.
//!
//! What a matrix product reaches is judged against this, measured by the same binary on the same machine, and not
//! against a data sheet.

use pulp::{Simd, WithSimd};
use std::hint::black_box;
use std::time::Instant;

/// Independent sums: enough to hide the latency of a multiply-add on every processor we know, few enough for the
/// registers of most.
const SUMS: usize = 12;
const STEPS: usize = 4_000_000;

/// 10⁹ operations a second in single and in double precision, all threads of the pool together, the best of several runs.
pub(crate) fn gigaflops() -> [f64; 2] {
    [best(Loop::<f32>(std::marker::PhantomData)), best(Loop::<f64>(std::marker::PhantomData))]
}

fn best<L: WithSimd<Output = usize> + Copy + Send + Sync>(work: L) -> f64 {
    const RUNS: usize = 7;
    let once = || {
        let start = Instant::now();
        let operations: usize = rayon::broadcast(|_| pulp::Arch::new().dispatch(work)).iter().sum();
        operations as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..RUNS).map(|_| once()).fold(0.0, f64::max)
}

#[derive(Clone, Copy)]
struct Loop<T>(std::marker::PhantomData<T>);

macro_rules! multiply_add {
    ($t:ty, $splat:ident, $fma:ident) => {
        impl WithSimd for Loop<$t> {
            /// How many operations were done.
            type Output = usize;

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) -> usize {
                let (a, b) = (simd.$splat(black_box(0.5)), simd.$splat(black_box(0.25)));
                let mut sums = [simd.$splat(black_box(0.0)); SUMS];
                for _ in 0..STEPS {
                    for sum in &mut sums {
                        *sum = simd.$fma(a, *sum, b);
                    }
                }
                black_box(sums);
                2 * SUMS * STEPS * (size_of_val(&a) / size_of::<$t>())
            }
        }
    };
}
multiply_add!(f32, splat_f32s, mul_add_f32s);
multiply_add!(f64, splat_f64s, mul_add_f64s);
