//! What `isorep explain IR010` shows: the page of one warning.

use crate::{Report, csv, text};
use isorep::reading::warnings::Code;
use serde::Serialize;

/// One warning code and its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WarningPage {
    /// The code, such as `IR010`.
    pub code: String,
    /// One line.
    pub title: String,
    /// The whole page, in Markdown.
    pub page: String,
}

impl WarningPage {
    /// The page of a code.
    pub fn of(code: Code) -> Self {
        Self { code: code.to_string(), title: code.title().into(), page: code.page().into() }
    }
}

impl Report for WarningPage {
    fn text(&self) -> String {
        format!("{}  {}", self.code, text::markdown(&self.page))
    }
    fn csv(&self) -> String {
        csv::warning(self)
    }
}
