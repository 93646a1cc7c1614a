//! `.npy` files from arbitrary bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| isorep_fuzz::exercise(isorep_io::Format::Npy, bytes));
