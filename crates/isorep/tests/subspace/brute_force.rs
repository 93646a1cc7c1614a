//! The path against two other ways to the maximum match: alternating deletion at one ε, as in the paper, and
//! the union of all ε-matches among all pairs of subsets.

use crate::data::{self, KINDS, small_pair};
use isorep::Matrix;
use isorep::measures::subspace::{Epsilon, Match, Neurons, Path, ZeroNeurons};

/// Relative distance of `v` from the span of the given columns, by Gram-Schmidt done twice.
pub(crate) fn residual(v: &[f64], side: &Matrix, set: &[usize]) -> f64 {
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    let mut directions: Vec<Vec<f64>> = Vec::new();
    let clean = |v: &[f64], directions: &[Vec<f64>]| {
        let mut rest = v.to_vec();
        for q in directions.iter().chain(directions) {
            let along: f64 = q.iter().zip(&rest).map(|(q, r)| q * r).sum();
            rest.iter_mut().zip(q).for_each(|(r, q)| *r -= along * q);
        }
        rest
    };
    for &j in set {
        let rest = clean(side.column(j), &directions);
        let length = norm(&rest);
        if length > 1e-10 * norm(side.column(j)) {
            directions.push(rest.iter().map(|r| r / length).collect());
        }
    }
    norm(&clean(v, &directions)) / norm(v)
}

/// Non-zero columns.
fn non_zero(side: &Matrix) -> Vec<usize> {
    (0..side.columns()).filter(|&j| side.column(j).iter().any(|&value| value != 0.0)).collect()
}

fn alternating(x: &Matrix, y: &Matrix, epsilon: f64) -> Match {
    let mut found = Match { x: non_zero(x), y: non_zero(y) };
    loop {
        let before = found.len();
        found.x.retain(|&i| residual(x.column(i), y, &found.y) <= epsilon);
        found.y.retain(|&j| residual(y.column(j), x, &found.x) <= epsilon);
        if found.len() == before {
            return found;
        }
    }
}

pub(crate) fn subsets(of: &[usize]) -> Vec<Vec<usize>> {
    (0..1_usize << of.len())
        .map(|bits| of.iter().enumerate().filter(|(k, _)| bits >> k & 1 == 1).map(|(_, &j)| j).collect())
        .collect()
}

/// Every ε-match of non-zero neurons, for each ε, the empty one included; `None` for an ε so near to some
/// residual that rounding decides.
pub(crate) fn all_matches(x: &Matrix, y: &Matrix, epsilons: &[f64]) -> Vec<Option<Vec<Match>>> {
    let (of_x, of_y) = (subsets(&non_zero(x)), subsets(&non_zero(y)));
    let table = |side: &Matrix, other: &Matrix, sets: &[Vec<usize>]| -> Vec<Vec<f64>> {
        let against = |set: &Vec<usize>| {
            (0..side.columns())
                .map(|j| if non_zero(side).contains(&j) { residual(side.column(j), other, set) } else { 1.0 })
                .collect()
        };
        sets.iter().map(against).collect()
    };
    let (x_residuals, y_residuals) = (table(x, y, &of_y), table(y, x, &of_x));
    let near = |epsilon: f64| {
        let all = x_residuals.iter().chain(&y_residuals).flatten();
        all.into_iter().any(|&residual| (residual - epsilon).abs() < 1e-9)
    };
    epsilons
        .iter()
        .map(|&epsilon| {
            if near(epsilon) {
                return None;
            }
            let mut found = Vec::new();
            for (a, s) in of_x.iter().enumerate() {
                for (b, t) in of_y.iter().enumerate() {
                    if s.iter().all(|&i| x_residuals[b][i] <= epsilon)
                        && t.iter().all(|&j| y_residuals[a][j] <= epsilon)
                    {
                        found.push(Match { x: s.clone(), y: t.clone() });
                    }
                }
            }
            Some(found)
        })
        .collect()
}

pub(crate) fn union(matches: &[Match]) -> Match {
    let all = |part: fn(&Match) -> &Vec<usize>| {
        let mut all: Vec<usize> = matches.iter().flat_map(|one| part(one).iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    Match { x: all(|one| &one.x), y: all(|one| &one.y) }
}

fn path(x: &Matrix, y: &Matrix) -> Path {
    Path::new(&Neurons::new(x, y), ZeroNeurons::Unmatched).unwrap()
}

/// Values of ε between the steps of the path, where rounding decides nothing, and below the first.
fn between_steps(path: &Path) -> Vec<f64> {
    let mut steps = vec![0.0, 1.0];
    steps.extend(path.critical_x().iter().chain(path.critical_y()));
    steps.sort_by(f64::total_cmp);
    steps
        .windows(2)
        .filter(|pair| pair[1] - pair[0] > 1e-6)
        .map(|pair| f64::midpoint(pair[0], pair[1]))
        .collect()
}

#[test]
fn equals_alternating_deletion_at_every_epsilon() {
    let mut compared = [0; KINDS as usize];
    for seed in 0..50 * KINDS {
        let (x, y) = small_pair(seed, 8);
        let path = path(&x, &y);
        for epsilon in between_steps(&path) {
            let expected = alternating(&x, &y, epsilon);
            let found = path.maximum_match(Epsilon::new(epsilon).unwrap());
            assert_eq!(found, expected, "seed {seed}, epsilon {epsilon}");
            compared[(seed % KINDS) as usize] += 1;
        }
    }
    assert!(compared.iter().all(|&count| count >= 50), "{compared:?}");
}

#[test]
fn equals_the_union_of_all_matches() {
    let mut compared = 0;
    for seed in 0..25 * KINDS {
        let (x, y) = small_pair(seed, 4);
        let path = path(&x, &y);
        let epsilons = between_steps(&path);
        for (epsilon, matches) in epsilons.iter().zip(all_matches(&x, &y, &epsilons)) {
            let Some(matches) = matches else { continue };
            let found = path.maximum_match(Epsilon::new(*epsilon).unwrap());
            assert_eq!(found, union(&matches), "seed {seed}, epsilon {epsilon}");
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared}");
}

#[test]
fn larger_sides_equal_alternating_deletion() {
    for (seed, (n, p, q, k)) in
        [(150, 40, 30, 12), (60, 50, 45, 20), (40, 50, 60, 9), (90, 24, 70, 30)].iter().enumerate()
    {
        let mut rng = data::rng(seed as u64 + 1_000);
        let signal = data::normal(&mut rng, *n, *k);
        let mut side = |d: usize, noise: f64| {
            let weights = data::normal(&mut rng, *k, d);
            data::sum(&data::product(&signal, &weights), noise, &data::normal(&mut rng, *n, d))
        };
        // Neurons with little noise of their own, with much of it, and copies.
        let (few, many) = (side(p / 2, 0.05), side(p - p / 2, 4.0));
        let x = data::beside(&few, &many);
        let mut y = data::beside(&side(q - 4, 0.5), &side(4, 0.5));
        for copy in 0..3 {
            y.column_mut(q - 1 - copy).copy_from_slice(x.column(copy));
        }
        let path = path(&x, &y);
        for epsilon in between_steps(&path).into_iter().step_by(3) {
            let found = path.maximum_match(Epsilon::new(epsilon).unwrap());
            assert_eq!(found, alternating(&x, &y, epsilon), "case {seed}, epsilon {epsilon}");
        }
    }
}

#[test]
fn blocks_of_dependent_neurons_equal_alternating_deletion() {
    // Blocks that span four dimensions with nine neurons a side, each tilted further than the one before: the
    // basis loses direction after direction of one block while neurons of others still step in from reserve.
    for seed in 0..4 {
        let mut rng = data::rng(2_000 + seed);
        let mut sides = [Vec::new(), Vec::new()];
        for tilt in [0.1, 0.4, 1.0, 2.0] {
            let signal = data::normal(&mut rng, 80, 4);
            for side in &mut sides {
                let tilted = data::sum(&signal, tilt, &data::normal(&mut rng, 80, 4));
                let block = data::product(&tilted, &data::normal(&mut rng, 4, 9));
                side.extend((0..9).map(|j| block.column(j).to_vec()));
            }
        }
        let [x, y] = sides.map(|columns| {
            let order = (0..36).map(|j| (7 * j) % 36);
            data::from_columns(&order.map(|j| columns[j].clone()).collect::<Vec<_>>())
        });
        let path = path(&x, &y);
        assert_eq!((path.ranks().x, path.ranks().y, path.ranks().joint), (16, 16, 32));
        let epsilons = between_steps(&path);
        assert!(epsilons.len() > 5, "{epsilons:?}");
        for epsilon in epsilons {
            let found = path.maximum_match(Epsilon::new(epsilon).unwrap());
            assert_eq!(found, alternating(&x, &y, epsilon), "seed {seed}, epsilon {epsilon}");
        }
    }
}
