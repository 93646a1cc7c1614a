//! v-minimal and simple matches against the list of all matches of small pairs.

use crate::brute_force::{all_matches, union};
use crate::data::{self, KINDS, small_pair};
use isorep::measures::subspace::{
    Epsilon, Match, Neuron, Neurons, Path, ZeroNeurons, minimal_match, simple_matches,
};

fn holds(one: &Match, neuron: Neuron) -> bool {
    match neuron {
        Neuron::X(i) => one.x.contains(&i),
        Neuron::Y(j) => one.y.contains(&j),
    }
}

fn within(small: &Match, large: &Match) -> bool {
    small.x.iter().all(|i| large.x.contains(i)) && small.y.iter().all(|j| large.y.contains(j))
}

#[test]
fn minimal_and_simple_by_their_definitions() {
    let (mut minimal, mut simple, mut several) = (0, 0, 0);
    for seed in 0..20 * KINDS {
        let (x, y) = small_pair(seed, 4);
        let neurons = Neurons::new(&x, &y);
        let epsilons = [0.05, 0.3, 0.6, 0.85];
        for (epsilon, all) in epsilons.iter().zip(all_matches(&x, &y, &epsilons)) {
            let Some(all) = all else { continue };
            let at = Epsilon::new(*epsilon).unwrap();
            let maximum = union(&all);
            let sides = [(x.columns(), Neuron::X as fn(usize) -> Neuron), (y.columns(), Neuron::Y)];
            for neuron in sides.into_iter().flat_map(|(count, side)| (0..count).map(side)) {
                let found = minimal_match(&neurons, at, ZeroNeurons::Unmatched, neuron);
                assert_eq!(found.is_some(), holds(&maximum, neuron), "seed {seed} at {epsilon}: {neuron:?}");
                let Some(found) = found else { continue };
                assert!(all.contains(&found) && holds(&found, neuron));
                let inside = all.iter().filter(|other| holds(other, neuron) && within(other, &found));
                assert_eq!(
                    inside.count(),
                    1,
                    "seed {seed} at {epsilon}: {neuron:?} in {found:?} is not minimal"
                );
                minimal += 1;
                let parts = simple_matches(&neurons, at, ZeroNeurons::Unmatched);
                let least =
                    |part: &Match| all.iter().filter(|a| holds(a, neuron) && within(a, part)).count() == 1;
                assert!(
                    parts.iter().any(|part| holds(part, neuron) && least(part)),
                    "seed {seed} at {epsilon}: none of {parts:?} is minimal for {neuron:?}"
                );
            }
            let parts = simple_matches(&neurons, at, ZeroNeurons::Unmatched);
            assert_eq!(union(&parts), maximum, "seed {seed} at {epsilon}");
            assert!(parts.windows(2).all(|pair| pair[0].len() <= pair[1].len() && pair[0] != pair[1]));
            for part in &parts {
                let smaller: Vec<Match> =
                    all.iter().filter(|other| within(other, part) && *other != part).cloned().collect();
                assert!(!part.is_empty() && all.contains(part));
                assert_ne!(&union(&smaller), part, "seed {seed} at {epsilon}: {part:?} is not simple");
                simple += 1;
            }
            several += usize::from(parts.len() > 1);
        }
    }
    assert!(minimal > 500 && simple > 200 && several > 50, "{minimal} {simple} {several}");
}

#[test]
fn separate_blocks_are_found_apart() {
    // Three planes, orthogonal to each other, each with two neurons a side: the simple matches at 0.
    let mut rng = data::rng(7);
    let basis = data::orthonormal(&mut rng, 20, 6);
    let mut side = || {
        let mut columns = Vec::new();
        for plane in basis.chunks_exact(2) {
            for _ in 0..2 {
                let (a, b) = (data::normal_value(&mut rng), data::normal_value(&mut rng));
                columns.push(plane[0].iter().zip(&plane[1]).map(|(u, v)| a * u + b * v).collect());
            }
        }
        data::from_columns(&columns)
    };
    let neurons = Neurons::new(&side(), &side());
    let found = simple_matches(&neurons, Epsilon::new(0.0).unwrap(), ZeroNeurons::Unmatched);
    let expected: Vec<Match> =
        (0..3).map(|k| Match { x: vec![2 * k, 2 * k + 1], y: vec![2 * k, 2 * k + 1] }).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_zero_neuron_is_a_match_of_its_own_if_it_matches() {
    let (x, y) = small_pair(3, 4);
    let neurons = Neurons::new(&x, &y);
    let zero = neurons.zero_x()[0];
    let at = Epsilon::new(0.2).unwrap();
    let alone = Match { x: vec![zero], y: vec![] };
    assert_eq!(minimal_match(&neurons, at, ZeroNeurons::Matched, Neuron::X(zero)), Some(alone.clone()));
    assert_eq!(minimal_match(&neurons, at, ZeroNeurons::Unmatched, Neuron::X(zero)), None);
    let simple = simple_matches(&neurons, at, ZeroNeurons::Matched);
    assert!(simple.contains(&alone));
    let path = Path::new(&neurons, ZeroNeurons::Matched).unwrap();
    assert_eq!(union(&simple), path.maximum_match(at));
}
