//! One thread or many: the same bits. A test target of its own, because it sets up the global thread pool.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod data;

use data::{Activations, Source, for_every_measure, known};
use isorep::{AnyMeasure, Representation};
use rayon::ThreadPoolBuilder;

type Bits = Result<u64, String>;

fn bits(measure: &AnyMeasure, x: &Representation, y: &Representation) -> Bits {
    measure.compare(&known(x, y)).map(f64::to_bits).map_err(|error| error.to_string())
}

#[test]
fn one_thread_or_many_give_the_same_bits() {
    ThreadPoolBuilder::new().num_threads(4).build_global().unwrap();
    let single = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let several = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let mut source = Source::new(61);
    // Enough blocks of rows, and products large enough to be shared between threads.
    let inputs = [source.related(2600, 96, 80), source.related(150, 400, 300)];
    for_every_measure("one thread or many give the same bits", |measure| {
        let mut failures = Vec::new();
        for (x, y) in &inputs {
            for make in [Activations::representation, Activations::single] {
                // Fresh representations each time: nothing may be shared through a cache.
                let run = || bits(measure, &make(x, "x"), &make(y, "y"));
                // Outside of any pool the library uses all threads of the global one.
                let (global, one, within) = (run(), single.install(run), several.install(run));
                if global != one || one != within {
                    failures.push(format!("{} × {}: {global:?}, {one:?}, {within:?}", x.n, x.d));
                }
            }
        }
        failures
    });
}
