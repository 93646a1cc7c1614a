use super::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn total(cost: &Matrix, plan: &[(usize, usize, i64)]) -> f64 {
    plan.iter().map(|(i, j, amount)| cost[(*i, *j)] * *amount as f64).sum()
}

/// The cheapest of all plans: the first source is served in every possible way, and the rest after it.
fn exhaustive(cost: &Matrix, source: usize, supply: &[i64], demand: &mut Vec<i64>) -> f64 {
    fn serve(
        cost: &Matrix,
        source: usize,
        sink: usize,
        left: i64,
        supply: &[i64],
        demand: &mut Vec<i64>,
    ) -> f64 {
        if sink == demand.len() {
            return if left == 0 { exhaustive(cost, source + 1, supply, demand) } else { f64::INFINITY };
        }
        let mut best = f64::INFINITY;
        for amount in 0..=left.min(demand[sink]) {
            demand[sink] -= amount;
            let rest = serve(cost, source, sink + 1, left - amount, supply, demand);
            best = best.min(rest + amount as f64 * cost[(source, sink)]);
            demand[sink] += amount;
        }
        best
    }
    match supply.get(source) {
        None => 0.0,
        Some(amount) => serve(cost, source, 0, *amount, supply, demand),
    }
}

/// The proof that comes with the plan: amounts are right, no cell is below its prices, and none that is used above.
fn assert_certified(tree: &Tree, supply: &[i64], demand: &[i64]) {
    let (k, l) = (supply.len(), demand.len());
    let (mut sent, mut received) = (vec![0; k], vec![0; l]);
    for (i, j, amount) in tree.plan() {
        assert!(amount > 0);
        sent[i] += amount;
        received[j] += amount;
        assert_eq!(tree.cost[j * k + i], tree.price[i] + tree.price[k + j]);
    }
    assert_eq!((sent.as_slice(), received.as_slice()), (supply, demand));
    for (at, cost) in tree.cost.iter().enumerate() {
        assert!(*cost >= tree.price[at % k] + tree.price[k + at / k]);
    }
    for node in (0..k + l).filter(|node| *node != tree.root && tree.flow[*node] == 0) {
        assert!(node < k || tree.parent[node] == NONE, "not strongly feasible");
    }
}

fn random_cost(random: &mut ChaCha8Rng, k: usize, l: usize, ties: bool) -> Matrix {
    Matrix::from_fn(k, l, |_, _| if ties { f64::from(random.random_range(0..4)) } else { random.random() })
}

/// Amounts above 0 with this total.
fn split(random: &mut ChaCha8Rng, parts: usize, total: i64) -> Vec<i64> {
    let mut amounts = vec![1; parts];
    for _ in 0..total - whole(parts) {
        amounts[random.random_range(0..parts)] += 1;
    }
    amounts
}

#[test]
fn no_plan_is_cheaper() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for case in 0..300 {
        let (k, l) = (1 + case % 4, 1 + case / 4 % 4);
        let cost = random_cost(&mut random, k, l, case % 2 == 0);
        let total_amount = whole(k.max(l)) + i64::from(random.random_range(0..4));
        let (supply, demand) = (split(&mut random, k, total_amount), split(&mut random, l, total_amount));
        let tree = Tree::optimal(&cost, &supply, &demand);
        assert_certified(&tree, &supply, &demand);
        let best = exhaustive(&cost, 0, &supply, &mut demand.clone());
        let found = total(&cost, &tree.plan());
        assert!((found - best).abs() < 1e-12, "{case}: {found} {best} {cost:?} {supply:?} {demand:?}");
    }
}

#[test]
fn the_prices_prove_the_plan() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    for (k, l) in [(1, 9), (9, 1), (20, 30), (60, 45), (64, 32), (50, 50), (128, 96)] {
        for ties in [false, true] {
            let cost = random_cost(&mut random, k, l, ties);
            let (supply, demand) = (vec![whole(l); k], vec![whole(k); l]);
            assert_certified(&Tree::optimal(&cost, &supply, &demand), &supply, &demand);
            let total_amount = 3 * whole(k + l);
            let (supply, demand) = (split(&mut random, k, total_amount), split(&mut random, l, total_amount));
            assert_certified(&Tree::optimal(&cost, &supply, &demand), &supply, &demand);
        }
    }
}

#[test]
fn equal_sides_are_an_assignment() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for d in [1, 2, 7, 40] {
        let cost = random_cost(&mut random, d, d, d == 7);
        let assigned: f64 =
            uniform_coupling(&cost, Fraction::constant(1.0)).iter().map(|(i, j, w)| w * cost[(*i, *j)]).sum();
        let plan = Tree::optimal(&cost, &vec![1; d], &vec![1; d]).plan();
        assert!((total(&cost, &plan) / d as f64 - assigned).abs() < 1e-12, "{d}");
    }
}

/// Costs 1, 2, 3, 4 on the diagonal and much elsewhere: half of the mass takes the two cheapest, a little more some of
/// the third.
#[test]
fn part_of_the_mass_takes_the_cheapest_cells() {
    let cost = Matrix::from_fn(4, 4, |i, j| if i == j { 1.0 + i as f64 } else { 100.0 });
    let value = |mass: f64| -> f64 {
        let plan = uniform_coupling(&cost, Fraction::new(mass).unwrap());
        let moved: f64 = plan.iter().map(|(_, _, w)| w).sum();
        assert!((moved - mass).abs() < 1e-15);
        plan.iter().map(|(i, j, w)| w * cost[(*i, *j)]).sum()
    };
    assert_eq!(value(0.5), 0.25 * (1.0 + 2.0));
    assert!((value(0.525) - (0.25 * 3.0 + 0.025 * 3.0)).abs() < 1e-14);
    assert_eq!(value(1.0), 2.5);
    assert!((value(1.0 - 1e-16) - 2.5).abs() < 1e-14);
    assert!((value(1e-9) - 1e-9).abs() < 1e-15);
}

#[test]
fn the_plan_does_not_depend_on_an_offset_or_a_factor() {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let cost = random_cost(&mut random, 15, 11, false);
    let plan = uniform_coupling(&cost, Fraction::constant(1.0));
    let changed = Matrix::from_fn(15, 11, |i, j| 1e-200 * (cost[(i, j)] - 3.0));
    assert_eq!(plan, uniform_coupling(&changed, Fraction::constant(1.0)));
    assert_eq!(uniform_coupling(&Matrix::zeros(3, 2), Fraction::constant(1.0)).len(), 4);
}
