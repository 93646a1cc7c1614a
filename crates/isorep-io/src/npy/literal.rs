//! The Python literals that a `.npy` header may hold: strings, integers, booleans, `None`, tuples, lists, dicts.
//!
//! A strict parser of our own, because the header is text from an untrusted file: nesting and length are bounded,
//! nothing is evaluated, and what is not understood is refused with its position.

use crate::Problem;

/// Deeper nesting than this appears in no header that could be read anyway.
const DEEPEST: usize = 8;

/// One Python literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Integer(i128),
    Boolean(bool),
    None,
    /// A tuple or a list.
    Sequence(Vec<Literal>),
    Dict(Vec<(String, Literal)>),
}

/// Parses the whole text as one literal.
pub(crate) fn parse(text: &str) -> Result<Literal, Problem> {
    let mut parser = Parser { text, at: 0 };
    let literal = parser.literal(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.expected("nothing after the dict"));
    }
    Ok(literal)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Skips space, then takes `token` if it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected(&self, what: &str) -> Problem {
        let found = self.peek().map_or("the end".to_string(), |c| format!("{c:?}"));
        Problem::Header { reason: format!("expected {what} at character {}, found {found}", self.at) }
    }

    fn literal(&mut self, depth: usize) -> Result<Literal, Problem> {
        if depth > DEEPEST {
            return Err(Problem::Header { reason: format!("more than {DEEPEST} nested parentheses") });
        }
        self.skip_space();
        match self.peek() {
            Some('\'' | '"') => self.text().map(Literal::Text),
            Some('(') => self.sequence(')', depth),
            Some('[') => self.sequence(']', depth),
            Some('{') => self.dict(depth),
            Some('-' | '0'..='9') => self.integer(),
            _ => {
                for (word, literal) in [
                    ("True", Literal::Boolean(true)),
                    ("False", Literal::Boolean(false)),
                    ("None", Literal::None),
                ] {
                    if self.take(word) {
                        return Ok(literal);
                    }
                }
                Err(self.expected("a Python literal"))
            }
        }
    }

    fn text(&mut self) -> Result<String, Problem> {
        let quote = self.peek();
        let start = self.at + 1;
        let mut out = String::new();
        let mut characters = self.text[start..].char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                _ if Some(character) == quote => {
                    self.at = start + offset + 1;
                    return Ok(out);
                }
                '\\' => {
                    let Some((_, escaped @ ('\\' | '\'' | '"'))) = characters.next() else {
                        self.at = start + offset;
                        return Err(self.expected("a string without escapes"));
                    };
                    out.push(escaped);
                }
                _ => out.push(character),
            }
        }
        Err(Problem::Header { reason: format!("the string at character {} does not end", start - 1) })
    }

    fn integer(&mut self) -> Result<Literal, Problem> {
        let start = self.at;
        self.take("-");
        self.at += self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let parsed = self.text[start..self.at].parse();
        if self.peek() == Some('L') {
            self.at += 1; // Python 2 wrote long integers like this
        }
        parsed.map(Literal::Integer).map_err(|_| {
            self.at = start;
            self.expected("an integer of reasonable size")
        })
    }

    fn sequence(&mut self, close: char, depth: usize) -> Result<Literal, Problem> {
        self.at += 1;
        let close = close.to_string();
        let mut items = Vec::new();
        while !self.take(&close) {
            items.push(self.literal(depth + 1)?);
            if !self.take(",") {
                if !self.take(&close) {
                    return Err(self.expected("a comma or the end of the sequence"));
                }
                // `(3)` is a number in parentheses, not a tuple.
                if close == ")" && items.len() == 1 {
                    return Ok(items.remove(0));
                }
                break;
            }
        }
        Ok(Literal::Sequence(items))
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, Problem> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.take("}") {
            self.skip_space();
            if !matches!(self.peek(), Some('\'' | '"')) {
                return Err(self.expected("a key in quotes"));
            }
            let key = self.text()?;
            if !self.take(":") {
                return Err(self.expected("a colon"));
            }
            items.push((key, self.literal(depth + 1)?));
            if !self.take(",") {
                if !self.take("}") {
                    return Err(self.expected("a comma or the end of the dict"));
                }
                break;
            }
        }
        Ok(Literal::Dict(items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_as_python_reads_them() {
        let integers =
            |items: &[i128]| Literal::Sequence(items.iter().copied().map(Literal::Integer).collect());
        for (text, expected) in [
            ("(3, 4)", integers(&[3, 4])),
            ("( 3 , )", integers(&[3])),
            ("(3L, -4L)", integers(&[3, -4])),
            ("(3)", Literal::Integer(3)),
            ("()", integers(&[])),
            ("[ ]", integers(&[])),
            (r"'a\'\\'", Literal::Text(r"a'\".into())),
            ("\"it's\"", Literal::Text("it's".into())),
            (" None\n", Literal::None),
            ("{'a': True}", Literal::Dict(vec![("a".into(), Literal::Boolean(true))])),
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_position() {
        for text in [
            "",
            "(",
            "(1,",
            "(1 2)",
            "{1: 2}",
            "{'a' 1}",
            "{'a': 1 'b': 2}",
            "'a",
            r"'\n'",
            "1.5",
            "-",
            "Truth(",
            "(1, 2) 3",
            "__import__('os')",
            "1e3",
            "99999999999999999999999999999999999999999999",
        ] {
            assert!(matches!(parse(text), Err(Problem::Header { .. })), "{text}");
        }
        assert!(matches!(parse(&"(".repeat(100_000)), Err(Problem::Header { .. })));
    }
}
