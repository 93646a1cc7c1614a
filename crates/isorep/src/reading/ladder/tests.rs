use super::*;
use crate::Representation;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// n × d numbers between −1 and 1, row-major.
fn noise(n: usize, d: usize, seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..n * d).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// Rows times a `d` × `e` matrix.
fn times(rows: &[f64], d: usize, e: usize, map: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let row = |row: &[f64], j: usize| (0..d).map(|i| row[i] * map(i, j)).sum();
    rows.chunks(d).flat_map(|r| (0..e).map(|j| row(r, j)).collect::<Vec<f64>>()).collect()
}

fn climb(x: (Vec<f64>, usize), y: (Vec<f64>, usize)) -> LadderReading {
    let side = |name, (values, d): (Vec<f64>, usize)| {
        Representation::from_f64(name, values.len() / d, d, values).unwrap()
    };
    Ladder::default().climb(&Pair::new(&side("x", x), &side("y", y)).unwrap()).unwrap()
}

fn explained(reading: &LadderReading, map: Map) -> [f64; 2] {
    let rung = reading.rung(map);
    [&rung.forward, &rung.backward].map(|held| held.as_ref().unwrap().explained)
}

/// Both directions explain everything.
fn assert_exact(reading: &LadderReading, map: Map) {
    assert!(explained(reading, map).iter().all(|e| *e > 1.0 - 1e-8), "{map} {reading:#?}");
}

/// Both directions explain less than `limit`.
fn assert_below(reading: &LadderReading, map: Map, limit: f64) {
    assert!(explained(reading, map).iter().all(|e| *e < limit), "{map} {reading:#?}");
}

const N: usize = 200;
const D: usize = 5;

/// Neurons with standard deviations that differ, so that no rotation is a permutation by accident.
fn neurons() -> Vec<f64> {
    times(&noise(N, D, 1), D, D, |i, j| if i == j { 1.0 + i as f64 / 2.0 } else { 0.1 })
}

/// A reflection: I − 2 v vᵀ / |v|².
fn reflection(i: usize, j: usize) -> f64 {
    let v = |i: usize| 1.0 + i as f64 * 0.7;
    let square: f64 = (0..D).map(|i| v(i) * v(i)).sum();
    f64::from(u8::from(i == j)) - 2.0 * v(i) * v(j) / square
}

#[test]
fn each_relation_is_found_on_its_rung() {
    let x = neurons();
    let permuted =
        times(&x, D, D, |i, j| if (i * 2 + 1) % D == j { if i % 2 == 0 { -1.0 } else { 1.0 } } else { 0.0 });
    let reading = climb((x.clone(), D), (permuted, D));
    assert_exact(&reading, Map::Permutation);
    assert_exact(&reading, Map::Orthogonal);
    assert_below(&reading, Map::Identity, 0.5);

    let reading = climb((x.clone(), D), (times(&x, D, D, reflection), D));
    assert_exact(&reading, Map::Orthogonal);
    assert_below(&reading, Map::Permutation, 0.9);
    assert_eq!((reading.ranks.rank_x, reading.ranks.rank_joint, reading.ranks.common_dimension), (D, D, D));

    let linear = times(&x, D, D, |i, j| reflection(i, j) + if i < j { 0.8 } else { 0.0 });
    let reading = climb((x.clone(), D), (linear.clone(), D));
    assert_exact(&reading, Map::Linear);
    assert_exact(&reading, Map::Affine);
    assert_below(&reading, Map::Orthogonal, 0.9);

    let affine: Vec<f64> = linear.iter().enumerate().map(|(k, v)| v + 3.0 + (k % D) as f64).collect();
    let reading = climb((x, D), (affine, D));
    assert_exact(&reading, Map::Affine);
    assert_below(&reading, Map::Linear, 0.9);
    assert_eq!(
        reading.ranks.common_dimension,
        D - 1,
        "the offset takes one direction out of the common span"
    );
}

#[test]
fn a_curved_relation_is_found_on_the_last_rung() {
    let x = noise(400, 2, 3);
    let curved =
        x.chunks(2).flat_map(|r| [(4.0 * r[0]).sin(), (3.0 * r[0] * r[1]).tanh(), (4.0 * r[1]).cos()]);
    let reading = climb((x.clone(), 2), (curved.collect(), 3));
    let (affine, smooth) = (explained(&reading, Map::Affine)[0], explained(&reading, Map::KernelRidge)[0]);
    assert!(smooth > 0.98 && affine < 0.3, "{affine} {smooth}");
    let error = reading.rung(Map::Identity).forward.clone().unwrap_err();
    assert_eq!(error.to_string(), "undefined: widths differ: 2 and 3 neurons");
}

#[test]
fn independent_noise_stays_at_chance() {
    let reading = climb((noise(N, 20, 1), 20), (noise(N, 30, 2), 30));
    for rung in &reading.rungs[1..] {
        for held in [&rung.forward, &rung.backward] {
            let held = held.as_ref().unwrap();
            let chance = held.chance.unwrap();
            assert!(held.explained < 0.02 && chance.mean < 0.02, "{rung:?}");
            assert!((held.explained - chance.mean).abs() < 5.0 * chance.sd + 0.03, "{rung:?}");
        }
    }
    let ranks = reading.ranks;
    assert_eq!((ranks.rank_x, ranks.rank_y, ranks.rank_joint, ranks.common_dimension), (20, 30, 50, 0));
}

/// xᵢ = fᵢ and yᵢ = fᵢ + s eᵢ with independent f and e: y from x explains 1 / (1 + s²); back, the same share.
#[test]
fn complements_share_what_their_construction_says() {
    let (n, d, s) = (4000, 4, 0.5);
    let (f, e) = (noise(n, d, 1), noise(n, d, 2));
    let y: Vec<f64> = f.iter().zip(&e).map(|(f, e)| f + s * e).collect();
    let reading = climb((f, d), (y, d));
    for map in [Map::Linear, Map::Affine] {
        for share in explained(&reading, map) {
            assert!((share - 1.0 / (1.0 + s * s)).abs() < 0.02, "{map} {share}");
        }
    }
    // Without a scale the identity from y keeps all of the noise: 1 − s² of the variance of f.
    let [forward, backward] = explained(&reading, Map::Identity);
    assert!((forward - 1.0 / (1.0 + s * s)).abs() < 0.02 && (backward - (1.0 - s * s)).abs() < 0.02);
    assert_eq!((reading.ranks.rank_joint, reading.ranks.common_dimension), (2 * d, 0));
}

#[test]
fn a_wider_side_with_more_neurons_than_inputs() {
    let (n, d, wide) = (60, 3, 90);
    let x = noise(n, d, 5);
    // Columns of an orthonormal-row map: each source neuron spread over thirty target neurons.
    let y = times(&x, d, wide, |i, j| if j % d == i { (30f64).sqrt().recip() } else { 0.0 });
    let reading = climb((x, d), (y, wide));
    assert_exact(&reading, Map::Orthogonal);
    assert_exact(&reading, Map::Affine);
    let [forward, backward] = explained(&reading, Map::Permutation);
    assert!(forward < 0.5 && backward < 0.5);
    assert_eq!((reading.ranks.rank_y, reading.ranks.common_dimension), (d, d));
}

#[test]
fn what_cannot_be_climbed_says_why() {
    let side =
        |name, values: Vec<f64>, d| Representation::from_f64(name, values.len() / d, d, values).unwrap();
    let (x, dead) = (side("x", noise(20, 2, 1), 2), side("dead", vec![1.0; 20], 1));
    let error = Ladder::default().climb(&Pair::new(&x, &dead).unwrap()).unwrap_err();
    assert!(error.to_string().contains("`dead` is constant"), "{error}");
    let mut mostly_equal = vec![0.0; 20];
    mostly_equal[..5].copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let pair = Pair::new(&x, &side("sparse", mostly_equal, 1)).unwrap();
    let reading = Ladder { permutations: 0, ..Ladder::default() }.climb(&pair).unwrap();
    let rung = reading.rung(Map::KernelRidge);
    assert!(rung.forward.as_ref().is_err_and(|e| e.to_string().contains("no width for the kernel")));
    assert_eq!(reading.rung(Map::Affine).forward.as_ref().unwrap().chance, None);
    let json = serde_json::to_value(&reading).unwrap();
    assert_eq!(json["rungs"][5]["map"], "kernel-ridge");
    assert!(json["rungs"][5]["forward"]["undefined"].as_str().unwrap().contains("kernel"));
    assert!(json["rungs"][4]["forward"]["explained"].is_number());
    assert_eq!(json["rank_x"], 2);
}

#[test]
fn the_affine_rung_is_the_measure() {
    use crate::{Measure, Predict, RidgeCv};
    let (x, y) = (noise(100, 4, 1), noise(100, 4, 2));
    let y: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x + 0.7 * y).collect();
    let side = |name, values, d| Representation::from_f64(name, 100, d, values).unwrap();
    let pair = Pair::new(&side("x", x, 4), &side("y", y, 4)).unwrap();
    let reading = Ladder::default().climb(&pair).unwrap();
    for (share, predict) in explained(&reading, Map::Affine).into_iter().zip([Predict::Y, Predict::X]) {
        let measure = RidgeCv { predict, ..RidgeCv::default() }.compare(&pair).unwrap();
        assert!((share - measure).abs() < 1e-12, "{share} {measure}");
    }
}
