use super::*;
use crate::Matrix;
use crate::linalg::multiply;

fn sample(name: &str, n: usize, d: usize, step: usize) -> Representation {
    let values = (0..n * d).map(|k| ((k * k * step + k * 13) % 10_007) as f64 / 1000.0).collect();
    Representation::from_f64(name, n, d, values).unwrap()
}

fn centred_kernel(x: &Representation, kernel: impl Fn(f64) -> f64) -> Matrix {
    let n = x.n();
    let rows = x.shifted_matrix(&[]).unwrap();
    let k = Matrix::from_fn(n, n, |i, j| {
        kernel((0..x.d()).map(|c| (rows[(i, c)] - rows[(j, c)]).powi(2)).sum::<f64>().sqrt())
    });
    let h = Matrix::from_fn(n, n, |i, j| f64::from(u8::from(i == j)) - 1.0 / n as f64);
    multiply(&multiply(&h, &k), &h)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-10 * (1.0 + b.abs()), "{a} {b}");
}

/// Three tiles a side, against n × n matrices centred by hand.
#[test]
fn sums_are_those_of_centred_matrices() {
    let (x, y) = (sample("x", 600, 3, 7), sample("y", 600, 4, 11));
    let pair = Pair::new(&x, &y).unwrap();
    let width = Bandwidth::try_from(5.0).unwrap();
    for profile in [Profile::Gaussian(width), Profile::Laplace(width), Profile::Distance] {
        let kernel = |d: f64| match profile {
            Profile::Gaussian(_) => (-d * d / 50.0).exp(),
            Profile::Laplace(_) => (-d / 5.0).exp(),
            Profile::Distance => -d,
        };
        let (k, l) = (centred_kernel(&x, kernel), centred_kernel(&y, kernel));
        let product = profile_product(&pair, profile).unwrap();
        let terms =
            profile_terms(product, &x.profile_sums(profile).unwrap(), &y.profile_sums(profile).unwrap());
        let diagonal = |m: &Matrix| (0..600).map(|i| m[(i, i)]).collect::<Vec<_>>();
        close(terms.cross.squared_norm, dot(k.values(), l.values()));
        close(terms.cross.diagonal, dot(&diagonal(&k), &diagonal(&l)));
        close(terms.x.squared_norm, dot(k.values(), k.values()));
        close(terms.y.trace, diagonal(&l).iter().sum());
        close(terms.y.diagonal, dot(&diagonal(&l), &diagonal(&l)));
        let residual = profile_residual(&pair, profile, (2.0, 3.0)).unwrap();
        let difference: f64 =
            k.values().iter().zip(l.values()).map(|(k, l)| (2.0 * k - 3.0 * l).powi(2)).sum();
        close(residual.squared_norm, difference);
    }
}

/// The distances 1, 2, 3 of 0, 1, 3 on a line have the median 2; all nine squares have the median 1.
#[test]
fn bandwidths_follow_their_rules() {
    let x = Representation::from_f64("x", 3, 1, vec![0.0, 1.0, 3.0]).unwrap();
    let own = |text: &str| {
        let bandwidth: Bandwidth = serde_json::from_str(text).unwrap();
        x.profile_sums(Profile::Laplace(bandwidth)).unwrap()
    };
    for (text, expected) in [("\"median\"", 2.0), ("\"0.5*median\"", 1.0), ("\"kornblith\"", 1.0), ("3", 3.0)]
    {
        close(1.0 / own(text).function.factor, expected);
    }
    let doubles = Representation::from_f64("doubles", 5, 1, vec![1.0, 1.0, 1.0, 1.0, 2.0]).unwrap();
    let error = doubles.profile_sums(Profile::Gaussian(Bandwidth::default())).unwrap_err().to_string();
    assert!(error.contains("`doubles`") && error.contains("distances"), "{error}");
}
