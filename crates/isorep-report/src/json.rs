//! JSON: one indented object with all digits of every number.

use serde::Serialize;

/// The object, followed by a line break.
pub(crate) fn pretty(report: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("the models hold texts, numbers and lists");
    text.push('\n');
    text
}
