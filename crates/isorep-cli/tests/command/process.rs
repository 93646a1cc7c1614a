//! The command as a process: files that appear whole, closed pipes, Ctrl-C.

use crate::fixtures::{Folder, Outcome};
use std::process::Stdio;

#[test]
fn a_file_appears_whole_and_in_the_format_of_its_name() {
    let folder = Folder::networks();
    for (name, start) in
        [("out.json", "{\n  \"schema\": 1"), ("out.csv", "x_source,"), ("out.txt", "   source")]
    {
        assert_eq!(folder.run(&["compare", "a.npy", "b.npy", "-o", name]).done(), "");
        let text = std::fs::read_to_string(folder.file(name)).unwrap();
        assert!(text.starts_with(start) && text.ends_with('\n'), "{text}");
    }
    let text = folder.run(&["compare", "a.npy", "b.npy", "-o", "out.json", "--format", "csv"]).done();
    assert_eq!(text, "");
    assert!(std::fs::read_to_string(folder.file("out.json")).unwrap().starts_with("x_source,"));
    assert!(folder.names().iter().all(|name| !name.starts_with('.')), "{:?}", folder.names());
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_rights_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::networks();
    folder.run(&["compare", "a.npy", "b.npy", "-o", "out.json"]).done();
    std::fs::write(folder.file("ordinary"), "").unwrap();
    let mode = |name| std::fs::metadata(folder.file(name)).unwrap().permissions().mode();
    assert_eq!(mode("out.json"), mode("ordinary"));
}

#[test]
fn a_closed_pipe_is_success() {
    let folder = Folder::networks();
    for arguments in [&["list"][..], &["explain", "cka"], &["compare", "a.npy", "b.npy"]] {
        let mut child =
            folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let outcome = Outcome::of(child.wait_with_output().unwrap());
        assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_soon_and_leaves_no_file() {
    use std::process::Command;
    use std::thread::sleep;
    use std::time::{Duration, Instant};
    let folder = Folder::new();
    // Kernel ridge on thousands of inputs: minutes of work.
    folder.npy("a.npy", &[6000, 300], 1);
    folder.npy("b.npy", &[6000, 300], 2);
    let before = folder.names();
    let long = ["--permutations", "1000", "--kernel-inputs", "6000", "-o", "out.json"];
    let arguments = [&["ladder", "a.npy", "b.npy"], &long[..]].concat();
    let mut child = folder.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    // It says that it is at work once it has worked for a second; by then it listens.
    sleep(Duration::from_secs(2));
    assert!(child.try_wait().unwrap().is_none(), "the work was over too soon to be interrupted");
    let asked = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    assert_eq!(status.code(), Some(130));
    assert_eq!(folder.names(), before);
}
