//! Natural order: digits compare as numbers, so that `layer2` comes before `layer10`.

use std::cmp::Ordering;

/// Compares as people do: runs of digits by the number they spell, everything else by character.
///
/// Numbers of any length are compared exactly; among equal numbers, fewer leading zeros come first, but only where
/// nothing later differs. It is a total order, and equal only for equal text.
///
/// ```
/// let mut names = ["layer10.relu", "layer2.relu", "conv", "layer2"];
/// names.sort_by(|a, b| isorep_io::natural_order(a, b));
/// assert_eq!(names, ["conv", "layer2", "layer2.relu", "layer10.relu"]);
/// ```
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (left_digits, left_rest) = split_digits(left);
        let (right_digits, right_rest) = split_digits(right);
        let ordering = if left_digits.is_empty() || right_digits.is_empty() {
            let (mut left_characters, mut right_characters) = (left.chars(), right.chars());
            let ordering = left_characters.next().cmp(&right_characters.next());
            if left.is_empty() && right.is_empty() {
                break;
            }
            (left, right) = (left_characters.as_str(), right_characters.as_str());
            ordering
        } else {
            (left, right) = (left_rest, right_rest);
            let (x, y) = (left_digits.trim_start_matches('0'), right_digits.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_count_as_numbers() {
        let sorted = [
            "",
            "1",
            "2",
            "10",
            "12a",
            "12b",
            "a",
            "a0",
            "a00",
            "a1",
            "a01",
            "a1b",
            "a01b",
            "a1c",
            "a2",
            "a10",
            "a10.2",
            "a10.10",
            "a99999999999999999999999",
            "a100000000000000000000000",
            "b",
            "é",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(natural_order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn it_is_a_total_order(a in "[a01b]{0,5}", b in "[a01b]{0,5}", c in "[a01b]{0,5}") {
            let order = natural_order(&a, &b);
            prop_assert_eq!(order, natural_order(&b, &a).reverse());
            prop_assert_eq!(order == Ordering::Equal, a == b);
            if order == natural_order(&b, &c) {
                prop_assert_eq!(order, natural_order(&a, &c));
            }
        }
    }
}
