//! The command as its users meet it: the real binary, files on disk, exit codes and what is printed.

mod errors;
mod fixtures;
mod formats;
mod process;
