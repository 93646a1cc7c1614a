//! What cannot run says so: exit code 2, nothing on standard output, the file or option by name, and a remedy.

use crate::fixtures::{Folder, tensor};
use isorep::Values;
use isorep_io::{Tensor, write_npy};
use std::sync::Arc;

#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], parts: &[&str]) {
    let message = folder.run(arguments).refused();
    assert!(message.starts_with("error: "), "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is missing in: {message}");
    }
}

#[test]
fn files_that_are_missing_or_damaged() {
    let folder = Folder::networks();
    refused(&folder, &["compare", "missing.npy", "b.npy"], &["cannot read `missing.npy`", "No such file"]);
    let whole = std::fs::read(folder.file("a.npy")).unwrap();
    std::fs::write(folder.file("cut.npy"), &whole[..whole.len() - 10]).unwrap();
    refused(&folder, &["compare", "cut.npy", "b.npy"], &["`cut.npy`", "truncated", "hint:"]);
    std::fs::write(folder.file("notes.npy"), "not an array").unwrap();
    refused(&folder, &["compare", "notes.npy", "b.npy"], &["`notes.npy`"]);
}

#[test]
fn numbers_that_are_not_finite() {
    let folder = Folder::networks();
    let mut values = vec![0.5_f32; 60 * 3];
    values[3 * 17 + 2] = f32::NAN;
    let tensor = Tensor::new("x", "nan", vec![60, 3], Values::F32(Arc::new(values))).unwrap();
    write_npy(folder.file("nan.npy"), &tensor).unwrap();
    refused(&folder, &["compare", "a.npy", "nan.npy"], &["`nan.npy`", "NaN", "row 17, column 2", "hint:"]);
}

#[test]
fn rows_that_do_not_correspond() {
    let folder = Folder::networks();
    folder.npy("short.npy", &[59, 5], 3);
    let message = folder.run(&["compare", "a.npy", "short.npy"]).refused();
    let expected = "error: cannot compare `a.npy` and `short.npy`\n  cause: they have different numbers of rows: 60 \
                    and 59\n\nhint: rows are matched by position";
    assert!(message.starts_with(expected), "{message}");
    for command in ["match", "ladder"] {
        refused(&folder, &[command, "a.npy", "short.npy"], &["60 and 59"]);
    }
    // As many rows, but of other positions.
    write_npy(folder.file("wide.npy"), &tensor("wide", &[6, 2, 2, 5], 4)).unwrap();
    write_npy(folder.file("tall.npy"), &tensor("tall", &[6, 2, 5, 2], 4)).unwrap();
    let read = ["--layout", "nchw", "--pool", "positions"];
    refused(&folder, &[&["compare", "wide.npy", "tall.npy"], &read[..]].concat(), &["2×5", "5×2", "hint:"]);
}

#[test]
fn measures_and_layers_that_do_not_exist() {
    let folder = Folder::networks();
    let compare = ["compare", "a.npy", "b.npy", "-m"];
    for (label, parts) in [
        ("ckaa", ["there is no measure `ckaa`", "did you mean `cka`?"]),
        ("cka(estimater=song)", ["unknown field `estimater`", "estimator"]),
        ("cka(estimator=best)", ["unknown variant `best`", "gretton"]),
        ("maximum-match(epsilon=2)", ["epsilon", "below 1"]),
    ] {
        refused(&folder, &[&compare[..], &[label]].concat(), &parts);
    }
    refused(&folder, &["explain", "linear-cka"], &["did you mean `cka`?"]);
    let layers = ["compare", "a.safetensors", "b.safetensors", "--layers"];
    refused(
        &folder,
        &[&layers[..], &["logit"]].concat(),
        &["no layer for `logit`", "did you mean `logits`?"],
    );
    refused(&folder, &["match", "a.npy", "b.npy", "--epsilon", "1"], &["--epsilon 1", "below 1"]);
    let none = ["compare", "a.npy", "b.npy", "--pairs", "aligned"];
    refused(&folder, &none, &["no layer of the same name", "--pairs all"]);
}

#[test]
fn axes_are_never_guessed() {
    let folder = Folder::networks();
    let two = ["compare", "a.safetensors", "b.safetensors"];
    refused(&folder, &two, &["layer `conv1` of `a.safetensors`", "[60, 4, 3, 3]", "nchw", "hint:"]);
    let layout = [&two[..], &["--layout", "nchw"]].concat();
    refused(&folder, &layout, &["pooling", "hint:"]);
    refused(
        &folder,
        &[&two[..], &["--layout", "nchw", "--pool", "average"]].concat(),
        &["`average`", "`mean`"],
    );
    refused(&folder, &[&two[..], &["--layout", "hwc"]].concat(), &["hwc", "nchw"]);
}

#[test]
fn a_failure_leaves_no_file() {
    let folder = Folder::networks();
    let before = folder.names();
    refused(&folder, &["compare", "a.npy", "b.npy", "-m", "nothing", "-o", "out.json"], &["nothing"]);
    refused(&folder, &["compare", "a.npy", "missing.npy", "-o", "out.json"], &["missing.npy"]);
    refused(&folder, &["compare", "a.npy", "b.npy", "-o", "no/out.json"], &["no folder `no`", "hint:"]);
    refused(&folder, &["compare", "a.npy", "b.npy", "-o", "."], &["it is a folder"]);
    assert_eq!(folder.names(), before);
}

#[test]
fn usage_errors_have_the_same_exit_code() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["compare", "a.npy"]).code, Some(2));
    assert_eq!(folder.run(&["demo", "--seeds", "1"]).code, Some(2));
    assert_eq!(folder.run(&["--help"]).code, Some(0));
    assert_eq!(folder.run(&["--version"]).done(), format!("isorep {}\n", env!("CARGO_PKG_VERSION")));
}
