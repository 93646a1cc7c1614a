//! The closed forms of the counter-examples against plain linear algebra, for more parameters than the defaults.

mod reference;

use isorep::Matrix;
use isorep_lab::counterexamples::*;
use reference::*;

const CLOSE: f64 = 1e-10;

fn columns(m: &Matrix) -> Columns {
    (0..m.columns()).map(|j| m.column(j).to_vec()).collect()
}

fn examples() -> Vec<CounterExample> {
    let mut examples = all();
    for sd in [0.0, 0.3, 2.0] {
        examples.push(gain(&log_normal_gains(sd, 40, 1), 3));
    }
    examples.extend([0.1, 1.0, 10.0].map(|t| read_out(t, 17)));
    examples.push(relu_read_out(1.5, &[2.0, 3.0]));
    examples.push(relu_read_out(20.0, &[1.0, 2.0, 3.0, 4.0, 5.0]));
    examples.extend([0.01, 0.5, 7.0].map(|s| complements(3, s, 20)));
    examples.push(orthogonal_complements(1, 3));
    examples
}

#[test]
fn every_neuron_leaves_the_match_at_the_closed_form() {
    for example in examples() {
        let (x, y, critical) = (columns(&example.x), columns(&example.y), example.exact.critical_epsilon);
        let shares = maximum_match(&x, &y, &[critical + CLOSE, critical - CLOSE]);
        assert_eq!(shares, [1.0, 0.0], "{} {}", example.id, example.parameters);
    }
}

#[test]
fn the_other_measures_have_their_closed_forms() {
    for CounterExample { id, parameters, x, y, exact, .. } in examples() {
        let close = |what: &str, is: f64, should: f64| {
            assert!((is - should).abs() < CLOSE, "{id} {parameters}: {what} is {is}, not {should}");
        };
        let (x, y) = (columns(&x), columns(&y));
        let joint: Columns = x.iter().chain(&y).cloned().collect();
        let ranks = [&x, &y, &joint].map(|m| basis(m).len());
        assert_eq!(ranks, [exact.rank_x, exact.rank_y, exact.rank_joint], "{id} {parameters}");

        let (x, y) = (centred(&x), centred(&y));
        let cross = product(&x, &y);
        close(
            "CKA",
            frobenius(&cross).powi(2) / (frobenius(&product(&x, &x)) * frobenius(&product(&y, &y))),
            exact.cka,
        );
        let nuclear: f64 = singular_values(&cross).iter().sum();
        close("NBS", nuclear / (frobenius(&x) * frobenius(&y)), exact.bures);
        let (basis_x, basis_y) = (basis(&x), basis(&y));
        let correlations = singular_values(&product(&basis_x, &basis_y));
        assert_eq!(correlations.len(), exact.canonical_correlations.len(), "{id} {parameters}");
        for (is, should) in correlations.iter().zip(&exact.canonical_correlations) {
            close("canonical correlation", *is, *should);
        }
        for (from, to) in [(&basis_x, &y), (&basis_y, &x)] {
            let explained = (frobenius(&product(from, to)) / frobenius(to)).powi(2);
            close("explained variance", explained, exact.explained);
        }
    }
}

#[test]
fn the_quoted_numbers_hold() {
    let near = |is: f64, should: f64, by: f64| assert!((is - should).abs() < by, "{is} is not {should}");
    for (sd, quoted, by) in [(0.3, 0.3, 0.02), (1.0, 0.75, 0.06), (2.0, 0.95, 0.05)] {
        let exact = gain(&log_normal_gains(sd, 400, 0), 2).exact;
        near(exact.critical_epsilon, quoted, by);
    }
    let exact = relu_read_out(3.0, &[1.0, 1.0, 1.0, 4.0]).exact;
    near(exact.critical_epsilon, 0.89, 0.005);
    near(exact.cka, 0.0025, 0.0005);
}

/// With normal inputs instead of balanced ones nothing is exact, and the quoted .887 comes out.
#[test]
fn normal_inputs_give_the_same_picture() {
    let inputs = Matrix::from_columns(4_000, 3, normal(12_000, 3));
    let [x, y] = relu_networks(3.0).map(|network| columns(&network.hidden(&inputs)));
    assert_eq!(maximum_match(&x, &y, &[0.91, 0.86, 0.5, 0.25]), [1.0, 0.0, 0.0, 0.0]);
    let joint: Columns = x.iter().chain(&y).cloned().collect();
    assert_eq!([&x, &y, &joint].map(|m| basis(m).len()), [4, 4, 7]);
}

#[test]
fn twins_compute_the_same_function_everywhere_and_their_hidden_layers_are_the_example() {
    let everywhere = Matrix::from_columns(10_000, 3, normal(30_000, 11));
    let mut seen = 0;
    for CounterExample { id, x, y, twins, .. } in examples() {
        let Some(Twins { inputs, networks: [a, b] }) = twins else { continue };
        seen += 1;
        assert_eq!((a.hidden(&inputs), b.hidden(&inputs)), (x, y), "{id}");
        let (out_a, out_b) = (a.output(&everywhere), b.output(&everywhere));
        let largest = out_a.iter().zip(&out_b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(largest <= 1e-12, "{id}: outputs differ by {largest}");
        assert!(norm(&out_a) > 50.0, "{id}: the output must not be trivial");
        let differ = a.hidden(&everywhere).values() != b.hidden(&everywhere).values();
        assert!(differ, "{id}: the hidden layers must differ");
    }
    assert_eq!(seen, 7);
}

#[test]
fn inputs_of_networks_are_centred_and_orthonormal() {
    for inputs in examples().into_iter().filter_map(|e| e.twins).map(|twins| columns(&twins.inputs)) {
        for (i, a) in inputs.iter().enumerate() {
            assert!(a.iter().sum::<f64>().abs() < 1e-12);
            for (j, b) in inputs.iter().enumerate() {
                assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn gains_change_no_decision_and_no_direction() {
    let CounterExample { x, y, .. } = gain(&log_normal_gains(1.0, 30, 2), 4);
    let heads = normal(4 * 10, 5);
    let decide = |m: &Matrix, i: usize| {
        let logit = |class: usize| (0..4).map(|j| heads[class * 4 + j] * m[(i, j)]).sum::<f64>();
        (0..10).max_by(|a, b| logit(*a).total_cmp(&logit(*b)))
    };
    let length = |m: &Matrix, i: usize| (0..4).map(|j| m[(i, j)] * m[(i, j)]).sum::<f64>().sqrt();
    for i in 0..x.rows() {
        assert_eq!(decide(&x, i), decide(&y, i));
        for j in 0..4 {
            assert!((x[(i, j)] / length(&x, i) - y[(i, j)] / length(&y, i)).abs() < 1e-13);
        }
    }
}

#[test]
#[should_panic(expected = "must reach 1")]
fn outside_its_bounds_the_closed_form_is_refused() {
    let _ = relu_read_out(1.0, &[1.0, 2.0]);
}
