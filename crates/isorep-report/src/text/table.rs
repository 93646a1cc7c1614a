//! Tables whose columns line up, broken into blocks where they are too wide for a terminal.

/// Widest line where names allow it.
pub(crate) const WIDTH: usize = 100;
const GAP: &str = "  ";

/// Where a column is flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// For names.
    Left,
    /// For numbers.
    Right,
}

/// Rows of text under heads.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    /// How many first columns are repeated in every block.
    keys: usize,
}

impl Table {
    /// Without rows; the first `keys` columns name the row and are repeated if the table is broken.
    pub fn new(keys: usize, columns: impl IntoIterator<Item = (impl Into<String>, Align)>) -> Self {
        let columns = columns.into_iter().map(|(head, align)| (head.into(), align)).collect();
        Self { columns, rows: Vec::new(), keys }
    }

    /// Adds a row; cells that are missing at its end stay empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Lines of at most 100 characters, unless a single cell is longer: what does not fit beside goes below.
    pub fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len()).map(|j| self.width(j)).collect();
        let keys: usize = widths[..self.keys].iter().map(|w| w + GAP.len()).sum();
        let mut blocks: Vec<Vec<usize>> = Vec::new();
        let mut used = usize::MAX;
        for (j, width) in widths.iter().enumerate().skip(self.keys) {
            let width = width + GAP.len();
            if used.saturating_add(width) > WIDTH + GAP.len() {
                blocks.push((0..self.keys).collect());
                used = keys;
            }
            used += width;
            if let Some(block) = blocks.last_mut() {
                block.push(j);
            }
        }
        blocks.iter().map(|block| self.block(block, &widths)).collect::<Vec<_>>().join("\n")
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].chars().count());
        cells.chain([self.columns[column].0.chars().count()]).max().unwrap_or(0)
    }

    fn block(&self, columns: &[usize], widths: &[usize]) -> String {
        let heads: Vec<&str> = self.columns.iter().map(|(head, _)| head.as_str()).collect();
        let mut text = String::new();
        if heads.iter().any(|head| !head.is_empty()) {
            text.push_str(&self.line(columns, widths, &heads));
        }
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            text.push_str(&self.line(columns, widths, &cells));
        }
        text
    }

    fn line(&self, columns: &[usize], widths: &[usize], cells: &[&str]) -> String {
        let padded = columns.iter().map(|&j| {
            let fill = " ".repeat(widths[j] - cells[j].chars().count());
            match self.columns[j].1 {
                Align::Left => format!("{}{fill}", cells[j]),
                Align::Right => format!("{fill}{}", cells[j]),
            }
        });
        let line = padded.collect::<Vec<_>>().join(GAP);
        format!("{}\n", line.trim_end())
    }
}

/// Breaks a text between words, so that no line is longer than a terminal; further lines start with `indent`.
pub(crate) fn wrapped(first: &str, indent: &str, text: &str) -> String {
    let mut out = String::from(first);
    let mut used = first.chars().count();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !fresh && used + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(indent);
            used = indent.chars().count();
        } else if !fresh {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width;
        fresh = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_trails() {
        let mut table = Table::new(1, [("layer", Align::Left), ("ε", Align::Right), ("note", Align::Left)]);
        table.row(["conv1", "0.25", "a"]);
        table.row(["fc", "1"]);
        assert_eq!(table.render(), "layer     ε  note\nconv1  0.25  a\nfc        1\n");
    }

    #[test]
    fn what_is_too_wide_is_broken_and_keeps_its_keys() {
        let heads =
            (0..12).map(|j| (if j == 0 { "key".to_owned() } else { format!("measure{j:05}") }, Align::Right));
        let mut table = Table::new(1, heads);
        table.row((0..12).map(|j| j.to_string()));
        let text = table.render();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.matches("key").count(), 2);
        assert_eq!(text.matches("measure").count(), 11);
        assert_eq!(text.matches("\n\n").count(), 1);
    }

    #[test]
    fn long_texts_are_wrapped() {
        let text = wrapped("[1] ", "    ", &"word ".repeat(60));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(text.matches("word").count(), 60);
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("    word")));
    }
}
