//! The smallest parts of a maximum match: v-minimal and simple matches.
//!
//! A v-minimal match contains neuron v, and no smaller match within it does. Starting from the maximum match,
//! each other neuron is removed on trial together with whatever can then no longer be matched; if v survives,
//! the removal stands. A neuron without which v falls is needed for good, since less is left later, so one
//! pass suffices. There may be several v-minimal matches: the one found depends on the order of the trials,
//! which is x before y and ascending, so that the last neurons are the ones that stay.

use super::neurons::Neurons;
use super::path::{Match, ZeroNeurons};
use super::peeling::Peeling;
use super::{Epsilon, Neuron, TIE_TOLERANCE};

/// A match at ε that contains `neuron` and has no smaller match with it inside; `None` if `neuron` is not in
/// the maximum match.
///
/// # Panics
/// If there is no such neuron.
pub fn minimal_match(
    neurons: &Neurons,
    epsilon: Epsilon,
    zero: ZeroNeurons,
    neuron: Neuron,
) -> Option<Match> {
    let Some(neuron) = compact(neurons, neuron) else {
        return (zero == ZeroNeurons::Matched).then(|| alone(neuron));
    };
    let maximum = Trial::maximum(neurons, epsilon);
    maximum.state.contains(neuron).then(|| original(neurons, &maximum.shrunk_around(neuron)))
}

/// One v-minimal match at ε for each neuron v of the maximum match, equal ones once, the smallest first. All
/// of them are simple, and their union is the maximum match.
pub fn simple_matches(neurons: &Neurons, epsilon: Epsilon, zero: ZeroNeurons) -> Vec<Match> {
    let maximum = Trial::maximum(neurons, epsilon);
    let members: Vec<Neuron> = maximum.members().collect();
    let mut found: Vec<Known> = Vec::new();
    for neuron in members {
        // A match minimal for v inside any match is minimal for v altogether, so the search may start from
        // the smallest match known to contain it.
        let smallest = found.iter_mut().filter(|known| contains(&known.members, neuron));
        let minimal = match smallest.min_by_key(|known| known.members.len()) {
            None => maximum.shrunk_around(neuron),
            Some(known) => match known.smaller_with(neurons, epsilon, neuron) {
                None => continue, // it is minimal for this neuron too
                Some(part) => Trial::new(neurons, epsilon, &part.x, &part.y).shrunk_around(neuron),
            },
        };
        if !found.iter().any(|known| known.members == minimal) {
            found.push(Known { members: minimal, survivors: None });
        }
    }
    let mut found: Vec<Match> = found.iter().map(|known| original(neurons, &known.members)).collect();
    if zero == ZeroNeurons::Matched {
        let (x, y) = (neurons.zero_x(), neurons.zero_y());
        found.extend(x.into_iter().map(Neuron::X).chain(y.into_iter().map(Neuron::Y)).map(alone));
    }
    found.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    found
}

/// A match that is minimal for one of its neurons.
struct Known {
    members: Match,
    /// What is left of it without each member; found when another of its neurons asks.
    survivors: Option<Vec<Match>>,
}

impl Known {
    /// A smaller match inside that contains this member; `None` if there is none.
    fn smaller_with(&mut self, neurons: &Neurons, epsilon: Epsilon, neuron: Neuron) -> Option<&Match> {
        let Self { members, survivors } = self;
        let survivors = survivors.get_or_insert_with(|| {
            let whole = Trial::new(neurons, epsilon, &members.x, &members.y);
            let mut trial = whole.clone();
            let mut without = |member| {
                trial.state.clone_from(&whole.state);
                trial.state.remove(member);
                trial.settle();
                let (x, y) = trial.state.members();
                Match { x, y }
            };
            whole.members().map(&mut without).collect()
        });
        survivors.iter().filter(|part| contains(part, neuron)).min_by_key(|part| part.len())
    }
}

/// A match at a fixed ε from which neurons can be removed on trial.
#[derive(Clone)]
struct Trial {
    state: Peeling,
    /// The least squared residual that is too large.
    bound: f64,
}

impl Trial {
    fn maximum(neurons: &Neurons, epsilon: Epsilon) -> Self {
        let all = |count: usize| (0..count).collect::<Vec<_>>();
        let (s, t) = (all(neurons.x.index.len()), all(neurons.y.index.len()));
        let mut trial = Self::new(neurons, epsilon, &s, &t);
        trial.settle();
        // Fresh factors: cheaper to copy, and without the rounding of the deletions.
        let (x, y) = trial.state.members();
        Self::new(neurons, epsilon, &x, &y)
    }

    fn new(neurons: &Neurons, epsilon: Epsilon, s: &[usize], t: &[usize]) -> Self {
        let bound = (epsilon.get() + TIE_TOLERANCE).powi(2).next_up();
        Self { state: Peeling::new(neurons, s, t).0, bound }
    }

    /// Removes whatever cannot be matched any more.
    fn settle(&mut self) {
        while self.state.remove_from(self.bound, |_| ()) {}
    }

    fn members(&self) -> impl Iterator<Item = Neuron> + use<> {
        let (x, y) = self.state.members();
        x.into_iter().map(Neuron::X).chain(y.into_iter().map(Neuron::Y))
    }

    /// Removes what does not hold `neuron` up.
    fn shrunk_around(&self, neuron: Neuron) -> Match {
        let mut accepted = self.state.clone();
        let mut trial = self.state.clone();
        for other in self.members().filter(|&other| other != neuron) {
            if !accepted.contains(other) {
                continue;
            }
            trial.clone_from(&accepted);
            trial.remove(other);
            while trial.contains(neuron) && trial.remove_from(self.bound, |_| ()) {}
            if trial.contains(neuron) {
                std::mem::swap(&mut accepted, &mut trial);
            }
        }
        let (x, y) = accepted.members();
        Match { x, y }
    }
}

fn contains(known: &Match, neuron: Neuron) -> bool {
    match neuron {
        Neuron::X(i) => known.x.binary_search(&i).is_ok(),
        Neuron::Y(j) => known.y.binary_search(&j).is_ok(),
    }
}

/// A zero neuron is a match of its own.
fn alone(neuron: Neuron) -> Match {
    match neuron {
        Neuron::X(i) => Match { x: vec![i], y: vec![] },
        Neuron::Y(j) => Match { x: vec![], y: vec![j] },
    }
}

/// From the caller's numbers to columns of the non-zero neurons; `None` for a zero neuron.
fn compact(neurons: &Neurons, neuron: Neuron) -> Option<Neuron> {
    let (side, number) = match neuron {
        Neuron::X(i) => (&neurons.x, i),
        Neuron::Y(j) => (&neurons.y, j),
    };
    assert!(number < side.count, "there is no neuron {number} among {}", side.count);
    let column = side.index.binary_search(&number).ok()?;
    Some(match neuron {
        Neuron::X(_) => Neuron::X(column),
        Neuron::Y(_) => Neuron::Y(column),
    })
}

/// Back to the caller's numbers.
fn original(neurons: &Neurons, compact: &Match) -> Match {
    let numbers = |index: &[usize], columns: &[usize]| columns.iter().map(|&j| index[j]).collect();
    Match { x: numbers(&neurons.x.index, &compact.x), y: numbers(&neurons.y.index, &compact.y) }
}
