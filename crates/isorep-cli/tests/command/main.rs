//! The command as its users meet it: the real binary, files on disk, exit codes and what is printed.

#![allow(clippy::unwrap_used)] // a test that cannot go on should stop

mod context;
mod errors;
mod evidence;
mod fixtures;
mod formats;
mod onnx;
mod process;
mod readme;
#[path = "../../../isorep-onnx/tests/tiny/mod.rs"]
mod tiny;
