//! Running other programs, with the command line shown before and named in the failure.

use crate::Result;
use std::process::{Command, Stdio};

/// Runs the command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` ended with {status}").into()) }
}

/// Runs the command in silence and returns what it printed on standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let done = command.output().map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if done.status.success() {
        Ok(String::from_utf8(done.stdout)?)
    } else {
        let reason = String::from_utf8_lossy(&done.stderr);
        Err(format!("`{line}` ended with {}\n{}", done.status, reason.trim_end()).into())
    }
}

/// True if the command starts and succeeds.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    command.get_args().fold(name, |line, argument| line + " " + &argument.to_string_lossy())
}
