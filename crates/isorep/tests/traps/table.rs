//! The table of traps: for every measure and every ordinary input on which numbers mislead, the reading ends in the right
//! number, in a named warning, or in a refusal. `TRAPS.md` is this table; with `UPDATE_TRAPS=1` it is written anew.

use super::data::{Activations, Source, close, known};
use super::{ANSWERS, D_X, D_Y, N, about, answers, fitted, noise, shared};
use isorep::measure::{Family, Needs};
use isorep::reading::warnings::{self, Code, Known};
use isorep::reading::{Evidence, Jackknife, Permutations, Reference, ReferenceValue, Role, Study};
use isorep::{AnyMeasure, Context, Grid, MEASURES, Pair, Representation, Result};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

/// Orders behind a chance level, and behind that of a second look.
const FEW: usize = 39;
const MANY: usize = 399;

/// What a reader of one reading is told.
struct Told {
    value: Result<f64>,
    evidence: Evidence,
    codes: Vec<Code>,
}

impl Told {
    fn p(&self) -> Option<f64> {
        self.evidence.chance.and_then(|chance| chance.p)
    }

    /// The first of these codes that was named.
    fn named(&self, codes: &[Code]) -> Option<String> {
        self.codes.iter().find(|code| codes.contains(code)).map(ToString::to_string)
    }
}

/// A trap ends well in one of these, as it is shown in the table; otherwise in what was wrong.
type Ending = Result<String, String>;

struct Trap {
    title: &'static str,
    ending: fn(&AnyMeasure) -> Ending,
}

const TRAPS: &[Trap] = &[
    Trap { title: "shared signal", ending: shared_signal },
    Trap { title: "itself", ending: itself },
    Trap { title: "noise", ending: unrelated },
    Trap { title: "shuffled rows", ending: shuffled },
    Trap { title: "dead layer", ending: dead },
    Trap { title: "one shared outlier", ending: outlier },
    Trap { title: "one NaN", ending: not_finite },
    Trap { title: "offset 10⁴ in f32", ending: offset },
    Trap { title: "one huge neuron", ending: massive },
    Trap { title: "untrained twins", ending: untrained },
];

fn read(measure: &AnyMeasure, x: &Representation, y: &Representation, permutations: usize) -> Told {
    read_knowing(measure, x, y, permutations, known(x, y).context().clone())
}

fn read_knowing(
    measure: &AnyMeasure,
    x: &Representation,
    y: &Representation,
    permutations: usize,
    context: Context,
) -> Told {
    let grid = Grid::new(vec![x.clone()], vec![y.clone()], vec![measure.clone()]).with_context(context);
    let cells = grid.run(|_| ControlFlow::Continue(()));
    let study = Study {
        permutations: Permutations { count: permutations, ..Permutations::default() },
        jackknife: None,
        influence: permutations == FEW,
    };
    let mut found = study.of(&grid, &cells, || ControlFlow::Continue(()));
    let evidence = found.evidence[0].swap_remove(0);
    let value = cells[0].readings[0].value.clone();
    let mut codes: Vec<Code> = warnings::of_pair(&grid.pair(0, 0).unwrap()).iter().map(|w| w.code).collect();
    if let Ok(value) = value {
        let known = Known { measure, value, evidence: &evidence };
        codes.extend(warnings::of_value(known).iter().map(|w| w.code));
    }
    Told { value, evidence, codes }
}

/// What does not look at rows together can be neither right nor wrong about what is in them.
fn by_itself(measure: &AnyMeasure) -> Option<Ending> {
    (!measure.properties().aligned).then(|| Ok("–".into()))
}

fn of_sides(measure: &AnyMeasure, (x, y): (&Activations, &Activations)) -> Told {
    read(measure, &fitted(measure, x).single("x"), &y.single("y"), FEW)
}

fn shared_signal(measure: &AnyMeasure) -> Ending {
    let mut source = Source::new(81);
    let (sides, outputs) = (shared(&mut source, 4 * N), answers(&mut source));
    let (x, y) = about(measure, &sides, &outputs);
    let told = of_sides(measure, (x, y));
    match (&told.value, told.p()) {
        (Err(error), _) => Ok(refused(error)),
        (Ok(_), None) if !measure.properties().aligned || told.evidence.chance.is_none() => Ok("–".into()),
        (Ok(_), Some(p)) if p <= 0.05 => Ok("right".into()),
        (value, p) => Err(format!("{value:?}, p {p:?}")),
    }
}

fn itself(measure: &AnyMeasure) -> Ending {
    let mut source = Source::new(82);
    let (sides, outputs) = (shared(&mut source, N), answers(&mut source));
    let (x, _) = about(measure, &sides, &outputs);
    let value = measure.compare(&known(&x.single("x"), &x.single("copy")));
    match (value, measure.properties().identity) {
        (Err(error), _) => Ok(refused(&error)),
        (Ok(value), Some(best)) if close(value, best, 1e-6) => Ok("right".into()),
        (Ok(_), None) => Ok("right".into()),
        (value, best) => Err(format!("{value:?}, not {best:?}")),
    }
}

/// At chance: said so, or at least not far from it. `again` reads with as many orders as it is told.
fn at_chance(again: impl Fn(usize) -> Told) -> Ending {
    let told = again(FEW);
    if let Err(error) = &told.value {
        return Ok(refused(error));
    }
    if let Some(code) = told.named(&[Code::LooksShuffled, Code::NotAboveChance]) {
        return Ok(code);
    }
    if told.evidence.chance.is_none() {
        // No order of the rows changes it.
        return Ok("–".into());
    }
    // Of some 250 readings a few are among the most alike of a few orders: those get a second look, in which one of many
    // orders must be as alike.
    match told.p().filter(|p| *p > 0.03).or_else(|| again(MANY).p()) {
        Some(p) if p > 1.5 / (MANY as f64 + 1.0) => Ok(format!("p {p:.2}").replacen("0.", ".", 1)),
        p => Err(format!("{:?}, p {p:?}", told.value)),
    }
}

fn unrelated(measure: &AnyMeasure) -> Ending {
    if let Some(ending) = by_itself(measure) {
        return ending;
    }
    let mut source = Source::new(83);
    let outputs = (source.noise(ANSWERS, 4), source.noise(ANSWERS, 4));
    let sides = noise(&mut source);
    let (x, y) = about(measure, &sides, &outputs);
    let (x, y) = (fitted(measure, x).single("x"), y.single("y"));
    at_chance(|count| read(measure, &x, &y, count))
}

fn shuffled(measure: &AnyMeasure) -> Ending {
    if let Some(ending) = by_itself(measure) {
        return ending;
    }
    let mut source = Source::new(84);
    let (sides, outputs) = (shared(&mut source, N), answers(&mut source));
    let (x, y) = about(measure, &sides, &outputs);
    if !measure.properties().needs.contains(Needs::LABELS) {
        let (x, y) = (fitted(measure, x).single("x"), y.rows(&source.order(y.n)).single("y"));
        return at_chance(|count| read(measure, &x, &y, count));
    }
    // Labels go with the rows of both sides: a shuffled side is no longer right about them, so its answers are shuffled
    // among inputs of one class.
    let (x, y) = (x.single("x"), y.single("y"));
    let labels = known(&x, &y).context().labels().unwrap().clone();
    let order = Permutations::default().within_classes(&labels).order(y.n(), 7).unwrap();
    let y = y.select(&order).unwrap();
    at_chance(|count| read_knowing(measure, &x, &y, count, Context::default().with_labels(labels.clone())))
}

fn dead(measure: &AnyMeasure) -> Ending {
    let (x, _) = shared(&mut Source::new(85), N);
    let dead = Activations::new(N, D_Y, vec![0.1; N * D_Y]);
    match of_sides(measure, (&x, &dead)).value {
        Err(error) => Ok(refused(&error)),
        Ok(value) => Err(format!("{value}")),
    }
}

fn outlier(measure: &AnyMeasure) -> Ending {
    if let Some(ending) = by_itself(measure) {
        return ending;
    }
    let (x, y) = noise(&mut Source::new(86));
    let far = |a: &Activations| a.map(|i, _, v| if i == 5 { 300.0 * v } else { v });
    let (x, y) = (fitted(measure, &far(&x)).single("x"), far(&y).single("y"));
    match read(measure, &x, &y, FEW).named(&[Code::OwnedByInputs]) {
        Some(code) => Ok(code),
        None => at_chance(|count| read(measure, &x, &y, count)),
    }
}

fn not_finite(_: &AnyMeasure) -> Ending {
    let (x, _) = shared(&mut Source::new(87), N);
    let broken = x.map(|i, j, v| if (i, j) == (17, 301) { f64::NAN } else { v });
    match Representation::from_f64("broken", N, D_X, broken.values) {
        Err(_) => Ok("refused".into()),
        Ok(_) => Err("accepted".into()),
    }
}

fn offset(measure: &AnyMeasure) -> Ending {
    let (x, y) = shared(&mut Source::new(88), N);
    let (far_x, far_y) = (x.map(|_, _, v| v + 1e4).rounded(), y.map(|_, _, v| v + 1e4).rounded());
    let told = of_sides(measure, (&far_x, &far_y));
    let double =
        measure.compare(&known(&fitted(measure, &far_x).representation("x"), &far_y.representation("y")));
    match (&told.value, double) {
        (Err(error), _) => Ok(refused(error)),
        (Ok(single), Ok(double)) if close(*single, double, 1e-3) => Ok("right".into()),
        (single, double) => Err(format!("{single:?}, in double precision {double:?}")),
    }
}

/// Unrelated layers, but one neuron on both sides is the same and forty times as strong as the others together.
fn massive(measure: &AnyMeasure) -> Ending {
    if let Some(ending) = by_itself(measure) {
        return ending;
    }
    let mut source = Source::new(89);
    let (x, y) = noise(&mut source);
    let wave = source.noise(N, 1);
    let huge = |a: &Activations| a.map(|i, j, v| if j == 3 { 600.0 * wave.at(i, 0) } else { v });
    let told = of_sides(measure, (&huge(&x), &huge(&y)));
    if let Err(error) = &told.value {
        return Ok(refused(error));
    }
    told.named(&[Code::MassiveNeuron]).ok_or_else(|| format!("{:?}", told.codes))
}

/// Three random networks that see the same inputs: two are compared, the third is the floor.
fn untrained(measure: &AnyMeasure) -> Ending {
    if let Some(ending) = by_itself(measure) {
        return ending;
    }
    let mut source = Source::new(90);
    let inputs = source.noise(4 * N, 16);
    let mut network = |d: usize| {
        let weights = source.noise(16, d);
        inputs.times(&weights).map(|_, _, v| v.max(0.0))
    };
    let is_functional = measure.info().family == Family::Functional;
    let (d_x, d_y) = if is_functional { (4, 4) } else { (96, 96) };
    let [x, y, twin] = [("x", d_x), ("y", d_y), ("twin", d_y)].map(|(name, d)| network(d).single(name));
    let compare = |a: &Representation, b: &Representation| measure.compare(&known(a, b)).ok();
    let value = match measure.compare(&known(&x, &y)) {
        Ok(value) => value,
        Err(error) => return Ok(refused(&error)),
    };
    let values = vec![ReferenceValue {
        label: measure.label(),
        with_x: compare(&x, &twin),
        with_y: compare(&twin, &y),
    }];
    let floor = Reference { name: "untrained".into(), role: Role::Floor, values };
    let pair: Pair = known(&x, &y);
    let interval = Jackknife::default().intervals(std::slice::from_ref(measure), &pair, &[Some(value)]);
    let interval = interval.ok().and_then(|mut found| found.swap_remove(0));
    let evidence = Evidence { interval, ..Evidence::default() };
    match floor.is_exceeded(&Known { measure, value, evidence: &evidence }) {
        Some(false) => Ok(Code::NotAboveFloor.to_string()),
        Some(true) => Err(format!("{value} is above {floor:?}")),
        None => Ok("refused".into()),
    }
}

fn refused(_: &isorep::Error) -> String {
    "refused".into()
}

/// The table follows this line of the page.
const MARK: &str = "<!-- written by a test -->\n";

#[test]
fn every_trap_ends_well_for_every_measure() {
    let measures: Vec<AnyMeasure> = MEASURES.iter().map(isorep::Entry::default_measure).collect();
    let mut table = String::from("| measure |");
    TRAPS.iter().for_each(|trap| write!(table, " {} |", trap.title).unwrap());
    table.push_str("\n|---|");
    TRAPS.iter().for_each(|_| table.push_str("---|"));
    table.push('\n');
    let mut failures = String::new();
    for measure in &measures {
        write!(table, "| `{}` |", measure.info().id).unwrap();
        for trap in TRAPS {
            match (trap.ending)(measure) {
                Ok(ending) => write!(table, " {ending} |").unwrap(),
                Err(wrong) => writeln!(failures, "{measure}, {}: {wrong}", trap.title).unwrap(),
            }
        }
        table.push('\n');
    }
    assert!(failures.is_empty(), "\n{failures}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../TRAPS.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, shown) = page.split_once(MARK).unwrap();
    if std::env::var_os("UPDATE_TRAPS").is_some() {
        std::fs::write(&path, format!("{before}{MARK}{table}")).unwrap();
    } else {
        assert_eq!(
            shown, table,
            "run `UPDATE_TRAPS=1 cargo test -p isorep --test traps` and look at the change"
        );
    }
}
