//! Moments: a measure whose `needs` do not name rows gives the same number from moments as from rows, whatever shards
//! they were accumulated in; one whose `needs` do is refused.

use super::data::{Activations, Source, close, for_every_measure, value};
use isorep::measure::Needs;
use isorep::{Error, Moments};

/// Leaves of these sizes cover 50 inputs.
const LEAVES: [usize; 4] = [7, 20, 1, 22];

/// Moments of some leaves; rows are read leaf by leaf.
fn accumulate(x: &Activations, y: &Activations, leaves: &[usize], factor: bool) -> Moments {
    let moments = Moments::new("x", x.d, "y", y.d);
    let mut moments = if factor { moments.with_factor() } else { moments };
    for &leaf in leaves {
        let start: usize = LEAVES[..leaf].iter().sum();
        let rows: Vec<usize> = (start..start + LEAVES[leaf]).collect();
        let (x, y) = (x.rows(&rows).representation("x"), y.rows(&rows).representation("y"));
        moments.update(leaf as u64, x.rows().unwrap(), y.rows().unwrap()).unwrap();
    }
    moments
}

fn inputs() -> Vec<(&'static str, Activations, Activations)> {
    let mut source = Source::new(31);
    let n = LEAVES.iter().sum();
    let (x, y) = source.related(n, 7, 5);
    let (near_x, near_y) = source.counterparts(n, 6);
    let offset = (x.map(|_, _, v| v + 100.0), y.map(|_, _, v| v - 50.0));
    vec![("related", x, y), ("neuron by neuron", near_x, near_y), ("with offsets", offset.0, offset.1)]
}

#[test]
fn moments_give_the_number_of_the_rows_unless_rows_are_needed() {
    let inputs = inputs();
    for_every_measure("streams if and only if `needs` says so", |measure| {
        let needs = measure.properties().needs;
        let mut failures = Vec::new();
        for (name, x, y) in &inputs {
            if needs.contains(Needs::EQUAL_WIDTHS) && x.d != y.d {
                continue;
            }
            let whole = value(measure, x, y);
            let streamed = |factor| measure.compare(&accumulate(x, y, &[2, 0, 3, 1], factor).pair().unwrap());
            match (streamed(true), &whole) {
                (Err(Error::NeedsRows), _) if needs.contains(Needs::ROWS) => {}
                (Ok(a), Ok(b)) if !needs.contains(Needs::ROWS) && close(a, *b, 1e-9) => {}
                (a, b) => failures.push(format!("{name}: {a:?} from moments with a factor, {b:?} from rows")),
            }
            match (streamed(false), &whole) {
                (Err(Error::NeedsRows), _) if needs.contains(Needs::ROWS) => {}
                (Err(Error::NeedsFactor { .. }), _) if needs.contains(Needs::FACTOR) => {}
                (Ok(a), Ok(b)) if !needs.contains(Needs::ROWS) && close(a, *b, 1e-8) => {}
                (a, b) => failures.push(format!("{name}: {a:?} from moments alone, {b:?} from rows")),
            }
        }
        failures
    });
}

#[test]
fn merged_shards_are_one_pass_bit_for_bit() {
    let inputs = inputs();
    for_every_measure("merged shards give what one pass gives", |measure| {
        let check = |(name, x, y): &(&str, Activations, Activations)| {
            let one = accumulate(x, y, &[0, 1, 2, 3], true);
            let two = accumulate(x, y, &[3, 1], true).merged(&accumulate(x, y, &[0, 2], true)).unwrap();
            let sent = Moments::from_bytes(&two.to_bytes()).unwrap();
            let values = [one, two, sent].map(|moments| measure.compare(&moments.pair().unwrap()));
            (values[0] != values[1] || values[0] != values[2]).then(|| format!("{name}: {values:?}"))
        };
        inputs.iter().filter_map(check).collect()
    });
}
