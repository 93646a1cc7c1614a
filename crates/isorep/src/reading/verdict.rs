//! What the readings of several families support together, in a paragraph that can be quoted.
//!
//! The verdict claims no more than its evidence: every clause names the readings it rests on, and where they do not
//! suffice it says so, and what would. It never says "similar" on the strength of a number being large: a relation is
//! beyond chance, beyond the references that were given, and of a named kind, or it is none of these.

use super::chance::sign;
use super::ladder::{LadderReading, Map};
use super::references::{Reference, Role};
use super::warnings::{Code, Known, Warning, of_value};
use crate::measure::Family;
use serde::Serialize;

/// A paragraph, and what it comes down to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What it comes down to.
    pub outcome: Outcome,
    /// The sentences, in order.
    pub clauses: Vec<Clause>,
    /// What the readings together warn of.
    pub warnings: Vec<Warning>,
}

/// What a verdict comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The readings do not suffice.
    CannotTell,
    /// Nothing beyond what permuted inputs give.
    AtChance,
    /// Beyond chance, and owned by few inputs.
    OwnedByInputs,
    /// Beyond chance, and not beyond a reference that was given as a floor.
    NotAboveFloor,
    /// Beyond chance.
    Related,
    /// Beyond chance, and some dimensions are exactly common to both.
    SharedDimensions,
    /// One side follows from the other by a linear map, not the other way round.
    Contained,
    /// Each side follows from the other by a smooth map.
    Smooth,
    /// Each side follows from the other by a linear map.
    Linear,
    /// Each side is the other one, rotated or reflected.
    Rotation,
    /// Each side has the neurons of the other in another order, up to signs.
    Permutation,
    /// The same neurons do the same thing.
    Same,
}

/// One sentence and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clause {
    /// The sentence.
    pub text: String,
    /// Labels of readings, rungs of the ladder, names of references.
    pub support: Vec<String>,
}

impl Clause {
    fn new(text: impl Into<String>, support: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { text: text.into(), support: support.into_iter().map(Into::into).collect() }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sentence = |clause: &Clause| format!("{} ({}).", clause.text, clause.support.join(", "));
        f.write_str(&self.clauses.iter().map(sentence).collect::<Vec<_>>().join(" "))
    }
}

/// A family sees something if what its readings say together is at most this probable.
const LEVEL: f64 = 0.05;
/// Families that must have been asked.
const FAMILIES: usize = 3;
/// A rung of the ladder names the relation from this held-out share of the variance on.
const CLOSE: f64 = 0.95;
/// A looser map must predict more than this beyond a stricter one to be named instead.
const NEARLY: f64 = 0.02;
/// A relation as strong as this should have been found before "at chance" is said.
const FAINT: f64 = 0.1;

/// What one family says.
struct Voice<'a> {
    family: Family,
    p: f64,
    readings: Vec<&'a Known<'a>>,
}

/// The verdict on one pair of `n` inputs.
pub fn verdict(
    n: usize,
    readings: &[Known<'_>],
    ladder: Option<&LadderReading>,
    references: &[Reference],
) -> Verdict {
    let mut verdict = Verdict { outcome: Outcome::CannotTell, clauses: Vec::new(), warnings: Vec::new() };
    let (disbelieved, believed): (Vec<Known>, Vec<Known>) =
        readings.iter().partition(|known| is_of_one_neuron(known));
    let voices = voices(&believed);
    if !disbelieved.is_empty() {
        verdict.clauses.push(Clause::new(
            "One neuron holds most of the variation of a side, and without it most of these values is gone: they are not counted",
            labels(disbelieved.iter()),
        ));
    }
    if voices.len() < FAMILIES {
        verdict.clauses.push(Clause::new(
            format!(
                "It cannot be told how these are related: {} of measures with a chance level spoke, and it takes {FAMILIES}",
                count(voices.len(), "family", "families")
            ),
            labels(readings.iter()),
        ));
        return verdict;
    }
    let least = voices.iter().map(|voice| voice.p).fold(1.0, f64::min);
    if least * voices.len() as f64 > LEVEL {
        verdict.at_chance(n, &voices);
        return verdict;
    }
    let (seeing, blind): (Vec<&Voice>, Vec<&Voice>) = voices.iter().partition(|voice| voice.p <= LEVEL);
    verdict.outcome = Outcome::Related;
    verdict.clauses.push(Clause::new(
        format!("They are related beyond chance in {} of {} families", seeing.len(), voices.len()),
        labels(seeing.iter().flat_map(|voice| voice.readings.iter().copied())),
    ));
    verdict.disagreement(&seeing, &blind);
    if verdict.owned(&seeing) || verdict.floors(readings, references) {
        return verdict;
    }
    if let Some(ladder) = ladder {
        verdict.kind_of_map(ladder);
    }
    verdict.ceilings(readings, references);
    verdict
}

/// Whether most of what is above chance goes away with neurons that hold most of the variation.
fn is_of_one_neuron(known: &Known<'_>) -> bool {
    let (Some(chance), Some(influence)) = (known.evidence.chance, &known.evidence.influence) else {
        return false;
    };
    let above = known.value - chance.mean;
    influence.without_massive.is_some_and(|without| above != 0.0 && (known.value - without) / above > 0.5)
}

fn voices<'a>(readings: &'a [Known<'a>]) -> Vec<Voice<'a>> {
    let mut voices: Vec<Voice> = Vec::new();
    for known in readings {
        if known.evidence.chance.and_then(|chance| chance.p).is_none() {
            continue;
        }
        let family = known.measure.info().family;
        match voices.iter_mut().find(|voice| voice.family == family) {
            Some(voice) => voice.readings.push(known),
            None => voices.push(Voice { family, p: 1.0, readings: vec![known] }),
        }
    }
    for voice in &mut voices {
        voice.p = together(voice.readings.iter().filter_map(|known| known.evidence.chance?.p).collect());
    }
    voices
}

/// One p-value for several, whatever binds them (Rüger 1978): the one in the middle, times the number over its place. So a
/// family speaks by its majority, and two readings by the better one, corrected.
fn together(mut p: Vec<f64>) -> f64 {
    p.sort_by(f64::total_cmp);
    let place = p.len().div_ceil(2);
    if place == 0 { 1.0 } else { (p[place - 1] * p.len() as f64 / place as f64).min(1.0) }
}

fn labels<'a>(readings: impl Iterator<Item = &'a Known<'a>>) -> Vec<String> {
    readings.map(|known| known.measure.label()).collect()
}

fn names(voices: &[&Voice<'_>]) -> String {
    let names: Vec<String> = voices
        .iter()
        .map(|voice| {
            serde_json::to_value(voice.family)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default()
        })
        .collect();
    names.join(", ")
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

impl Verdict {
    fn at_chance(&mut self, n: usize, voices: &[Voice<'_>]) {
        // Debiased CKA has the spread √2 / n over permuted inputs whatever the data; three spreads are seen.
        let needed = (3.0 * 2f64.sqrt() / FAINT).ceil() as usize + 2;
        let support = labels(voices.iter().flat_map(|voice| voice.readings.iter().copied()));
        if n < needed {
            self.clauses.push(Clause::new(
                format!(
                    "It cannot be told whether these are related: nothing is beyond chance, but with {n} inputs a faint \
                     relation would not be seen; {needed} would be needed to see a debiased CKA of {FAINT}"
                ),
                support,
            ));
            return;
        }
        self.outcome = Outcome::AtChance;
        self.clauses.push(Clause::new(
            format!("Nothing is beyond what permuted inputs give, in any of {} families", voices.len()),
            support,
        ));
    }

    fn disagreement(&mut self, seeing: &[&Voice<'_>], blind: &[&Voice<'_>]) {
        if blind.is_empty() {
            return;
        }
        let text = format!("{} see a relation, {} none", names(seeing), names(blind));
        self.warnings.push(Warning::new(Code::FamiliesDisagree, text));
        self.clauses.push(Clause::new(
            format!("Families disagree: {} see nothing beyond chance", names(blind)),
            labels(blind.iter().flat_map(|voice| voice.readings.iter().copied())),
        ));
    }

    /// Whether all that is seen is owned by few inputs.
    fn owned(&mut self, seeing: &[&Voice<'_>]) -> bool {
        let is_owned = |known: &Known<'_>| of_value(*known).iter().any(|w| w.code == Code::OwnedByInputs);
        let significant: Vec<&Known> = seeing
            .iter()
            .flat_map(|voice| voice.readings.iter().copied())
            .filter(|known| known.evidence.chance.is_some_and(|chance| chance.is_significant() == Some(true)))
            .collect();
        let owned: Vec<&Known> = significant.iter().copied().filter(|known| is_owned(known)).collect();
        let Some(influence) = owned.first().and_then(|known| known.evidence.influence.as_ref()) else {
            return false;
        };
        let all = owned.len() == significant.len();
        if all {
            self.outcome = Outcome::OwnedByInputs;
        }
        self.clauses.push(Clause::new(
            format!(
                "{} owned by few inputs, input {} first: without them most of it is gone",
                if all { "All of this is" } else { "Part of this is" },
                influence.input
            ),
            labels(owned.into_iter()),
        ));
        all
    }

    /// Whether a floor is not exceeded.
    fn floors(&mut self, readings: &[Known<'_>], references: &[Reference]) -> bool {
        let mut reached = false;
        let floors = references.iter().filter(|reference| reference.role == Role::Floor);
        for floor in floors {
            let compared: Vec<(&Known, bool)> =
                readings.iter().filter_map(|known| Some((known, floor.is_exceeded(known)?))).collect();
            if compared.is_empty() {
                continue;
            }
            let (above, below): (Vec<_>, Vec<_>) = compared.into_iter().partition(|(_, above)| *above);
            let of = |which: &[(&Known, bool)]| labels(which.iter().map(|(known, _)| *known));
            if below.len() > above.len() {
                reached = true;
                self.outcome = Outcome::NotAboveFloor;
                let text = format!("It is not above the {}, which resembles one of them as much", floor.name);
                self.warnings.push(Warning::new(Code::NotAboveFloor, text.clone()));
                self.clauses.push(Clause::new(text, of(&below)));
            } else {
                self.clauses.push(Clause::new(format!("It is above the {}", floor.name), of(&above)));
            }
        }
        reached
    }

    fn ceilings(&mut self, readings: &[Known<'_>], references: &[Reference]) {
        for ceiling in references.iter().filter(|reference| reference.role == Role::Ceiling) {
            let reached: Vec<&Known> =
                readings.iter().filter(|known| ceiling.is_reached(known) == Some(true)).collect();
            let below: Vec<&Known> =
                readings.iter().filter(|known| ceiling.is_reached(known) == Some(false)).collect();
            if reached.len() + below.len() == 0 {
                continue;
            }
            if reached.len() >= below.len() {
                let text = format!("It is as high as the {} can be expected to give", ceiling.name);
                self.clauses.push(Clause::new(text, labels(reached.into_iter())));
            } else {
                let text = format!("It is lower than the {}", ceiling.name);
                self.clauses.push(Clause::new(text, labels(below.into_iter())));
            }
        }
    }

    fn kind_of_map(&mut self, ladder: &LadderReading) {
        let held = |map: Map| {
            let rung = ladder.rung(map);
            [rung.forward.as_ref(), rung.backward.as_ref()]
                .map(|way| way.map_or(f64::MIN, |held| held.explained))
        };
        let rungs = [
            (Map::Identity, Outcome::Same, "They are the same, neuron by neuron"),
            (
                Map::Permutation,
                Outcome::Permutation,
                "They are the same up to the order and the signs of the neurons",
            ),
            (Map::Orthogonal, Outcome::Rotation, "They are the same up to a rotation"),
            (Map::Linear, Outcome::Linear, "They are the same up to a linear map"),
            (Map::Affine, Outcome::Linear, "They are the same up to a linear map and an offset"),
            (Map::KernelRidge, Outcome::Smooth, "They are the same up to a smooth map that is not linear"),
        ];
        for (map, outcome, text) in rungs {
            let [forward, backward] = held(map);
            if forward.min(backward) >= CLOSE {
                self.outcome = outcome;
                self.clauses.push(Clause::new(
                    format!("{text}, which predicts held-out inputs to {forward:.2} and {backward:.2} of their variance"),
                    [format!("ladder: {map}")],
                ));
                return;
            }
        }
        let [forward, backward] = held(Map::Affine);
        if forward.max(backward) >= CLOSE {
            let (from, to) = if forward > backward { (&ladder.x, &ladder.y) } else { (&ladder.y, &ladder.x) };
            self.outcome = Outcome::Contained;
            self.clauses.push(Clause::new(
                format!(
                    "`{to}` follows from `{from}` by a linear map ({:.2} of the held-out variance), not the other way round ({:.2})",
                    forward.max(backward),
                    forward.min(backward)
                ),
                ["ladder: affine"],
            ));
            return;
        }
        let ranks = ladder.ranks;
        // Spans of more dimensions than inputs meet by counting alone.
        let by_counting = (ranks.rank_x + ranks.rank_y).saturating_sub(ladder.n);
        if ranks.common_dimension > by_counting {
            self.outcome = Outcome::SharedDimensions;
            self.clauses.push(Clause::new(
                format!(
                    "Their neurons share {} exactly, of {} and {}",
                    count(ranks.common_dimension, "dimension", "dimensions"),
                    ranks.rank_x,
                    ranks.rank_y
                ),
                ["ladder: ranks"],
            ));
            return;
        }
        // The strictest map that does as well as any, give or take what rounding of the held-out shares may hide.
        let least = |map: Map| held(map).into_iter().fold(f64::INFINITY, f64::min);
        let best = rungs.iter().map(|(map, ..)| least(*map)).fold(f64::MIN, f64::max);
        if let Some((map, ..)) = rungs.iter().find(|(map, ..)| best > 0.0 && least(*map) >= best - NEARLY) {
            let [forward, backward] = held(*map);
            let what = match map {
                Map::Identity => "the identity",
                Map::Permutation => "an exchange of neurons",
                Map::Orthogonal => "a rotation",
                Map::Linear | Map::Affine => "a linear map",
                Map::KernelRidge => "a smooth map",
            };
            self.clauses.push(Clause::new(
                format!(
                    "No map that was tried carries one over into the other; {what} comes nearest, with {forward:.2} and \
                     {backward:.2} of the held-out variance"
                ),
                [format!("ladder: {map}")],
            ));
        }
    }
}

/// Whether `a` is at least as alike as `b`.
pub(super) fn at_least_as_alike(known: &Known<'_>, a: f64, b: f64) -> bool {
    sign(known.measure.properties().kind) * (a - b) >= 0.0
}

#[cfg(test)]
mod tests {
    use super::super::ladder::Ladder;
    use super::super::{ReferenceValue, Study};
    use super::*;
    use crate::{AnyMeasure, Grid, Representation};
    use rand::{RngExt as _, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use std::ops::ControlFlow;

    const N: usize = 90;
    const MEASURES: [&str; 5] = ["mean-match", "cca", "nbs", "cka", "mutual-knn(k=5, metric=euclidean)"];

    struct Data(ChaCha8Rng);

    impl Data {
        fn new(seed: u64) -> Self {
            Self(ChaCha8Rng::seed_from_u64(seed))
        }

        /// Rows of nearly normal numbers.
        fn noise(&mut self, n: usize, d: usize) -> Vec<Vec<f64>> {
            let mut number = || (0..6).map(|_| self.0.random_range(-0.7..0.7)).sum();
            (0..n).map(|_| (0..d).map(|_| number()).collect()).collect()
        }
    }

    fn times(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let entry = |row: &Vec<f64>, j: usize| row.iter().zip(b).map(|(v, of_b)| v * of_b[j]).sum();
        a.iter().map(|row| (0..b[0].len()).map(|j| entry(row, j)).collect()).collect()
    }

    fn side(rows: &[Vec<f64>]) -> Representation {
        Representation::from_f64("layer", rows.len(), rows[0].len(), rows.concat()).unwrap()
    }

    fn judged(x: &[Vec<f64>], y: &[Vec<f64>], references: &[Reference]) -> Verdict {
        let measures: Vec<AnyMeasure> = MEASURES.iter().map(|label| label.parse().unwrap()).collect();
        let grid = Grid::new(vec![side(x)], vec![side(y)], measures.clone());
        let cells = grid.run(|_| ControlFlow::Continue(()));
        let found = Study::default().of(&grid, &cells, || ControlFlow::Continue(()));
        let known: Vec<Known> = measures
            .iter()
            .zip(&cells[0].readings)
            .zip(&found.evidence[0])
            .filter_map(|((measure, reading), evidence)| {
                Some(Known { measure, value: *reading.value.as_ref().ok()?, evidence })
            })
            .collect();
        let ladder = Ladder { permutations: 0, ..Ladder::default() }.climb(&grid.pair(0, 0).unwrap()).ok();
        let verdict = verdict(x.len(), &known, ladder.as_ref(), references);
        assert!(verdict.clauses.iter().all(|clause| !clause.support.is_empty()), "{verdict}");
        verdict
    }

    #[test]
    fn a_map_is_named_by_the_strictest_group_that_holds_it() {
        let mut data = Data::new(1);
        let x = data.noise(N, 6);
        let rotate = |row: &Vec<f64>| {
            row.chunks(2)
                .flat_map(|p| [0.6 * p[0] - 0.8 * p[1], 0.8 * p[0] + 0.6 * p[1]])
                .collect::<Vec<f64>>()
        };
        let rotated: Vec<Vec<f64>> = x.iter().map(rotate).collect();
        let exchanged: Vec<Vec<f64>> =
            x.iter().map(|row| vec![row[3], -row[0], row[5], row[1], row[4], row[2]]).collect();
        let mapped = times(&x, &data.noise(6, 6));
        let outcomes = [&x, &exchanged, &rotated, &mapped].map(|y| judged(&x, y, &[]).outcome);
        assert_eq!(outcomes, [Outcome::Same, Outcome::Permutation, Outcome::Rotation, Outcome::Linear]);
    }

    #[test]
    fn a_part_and_a_shared_subspace_are_named_as_such() {
        let mut data = Data::new(2);
        let x = data.noise(N, 6);
        let part: Vec<Vec<f64>> = times(&x, &data.noise(6, 3));
        assert_eq!(judged(&x, &part, &[]).outcome, Outcome::Contained);
        // Two of six dimensions are common, and everything is mixed on both sides.
        let (a, b) = (data.noise(N, 4), data.noise(N, 4));
        let with = |rest: &[Vec<f64>]| -> Vec<Vec<f64>> {
            x.iter().zip(rest).map(|(x, rest)| [&x[..2], rest].concat()).collect()
        };
        let (a, b) = (times(&with(&a), &data.noise(6, 6)), times(&with(&b), &data.noise(6, 6)));
        let verdict = judged(&a, &b, &[]);
        assert_eq!(verdict.outcome, Outcome::SharedDimensions, "{verdict}");
        assert!(verdict.to_string().contains("share 2 dimensions exactly, of 6 and 6"), "{verdict}");
    }

    #[test]
    fn noise_is_at_chance_and_few_inputs_cannot_tell() {
        let mut data = Data::new(3);
        let at_chance = (0..20)
            .filter(|_| judged(&data.noise(N, 6), &data.noise(N, 5), &[]).outcome == Outcome::AtChance)
            .count();
        assert!(at_chance >= 17, "{at_chance} of 20");
        let verdict = judged(&data.noise(30, 4), &data.noise(30, 4), &[]);
        assert_eq!(verdict.outcome, Outcome::CannotTell);
        assert!(verdict.to_string().contains("45 would be needed"), "{verdict}");
    }

    #[test]
    fn one_input_on_both_sides_owns_what_it_owns() {
        let mut data = Data::new(4);
        let mut far = |d: usize| {
            let mut rows = data.noise(N, d);
            rows[7].iter_mut().for_each(|v| *v *= 300.0);
            rows
        };
        let verdict = judged(&far(6), &far(6), &[]);
        assert_eq!(verdict.outcome, Outcome::OwnedByInputs, "{verdict}");
        assert!(verdict.to_string().contains("input 7 first"), "{verdict}");
    }

    #[test]
    fn a_floor_that_is_as_alike_is_not_exceeded() {
        let mut data = Data::new(5);
        let x = data.noise(N, 6);
        let floor = |level: f64| {
            let value = |label: &&str| ReferenceValue {
                label: label.parse::<AnyMeasure>().unwrap().label(),
                with_x: Some(level),
                with_y: None,
            };
            Reference {
                name: "untrained".into(),
                role: Role::Floor,
                values: MEASURES.iter().map(value).collect(),
            }
        };
        let y: Vec<Vec<f64>> = x
            .iter()
            .zip(data.noise(N, 6))
            .map(|(x, e)| x.iter().zip(e).map(|(x, e)| x + e).collect())
            .collect();
        assert_eq!(judged(&x, &y, &[floor(1.0)]).outcome, Outcome::NotAboveFloor);
        let above = judged(&x, &y, &[floor(0.0)]);
        assert!(
            above.outcome != Outcome::NotAboveFloor && above.to_string().contains("above the untrained"),
            "{above}"
        );
    }

    #[test]
    fn what_one_huge_neuron_carries_is_not_believed() {
        let mut data = Data::new(6);
        let wave = data.noise(N, 1);
        let mut with_wave = || {
            let mut rows = data.noise(N, 12);
            rows.iter_mut().zip(&wave).for_each(|(row, wave)| row[5] = 60.0 * wave[0]);
            rows
        };
        let verdict = judged(&with_wave(), &with_wave(), &[]);
        assert!(verdict.clauses[0].support.contains(&"cka".to_owned()), "{verdict}");
        assert!(verdict.to_string().contains("they are not counted"), "{verdict}");
    }

    #[test]
    fn a_family_speaks_by_its_majority() {
        assert_eq!(together(vec![0.03]), 0.03);
        assert_eq!(together(vec![0.9, 0.01]), 0.02);
        assert_eq!(together(vec![0.01; 9]), 0.01 * 9.0 / 5.0);
        assert_eq!(together(vec![0.001, 0.7, 0.8]), 1.0);
    }

    #[test]
    fn it_takes_three_families() {
        assert_eq!(verdict(50, &[], None, &[]).outcome, Outcome::CannotTell);
    }
}
