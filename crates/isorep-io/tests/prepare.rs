//! Layouts and poolings against their definitions, written out element by element.
#![allow(clippy::unwrap_used)] // the exception for tests does not reach their helper functions

use isorep::Values;
use isorep_io::{Error, Layout, Pooling, Prepared, Samples, Tensor, prepare};
use std::num::NonZeroUsize;
use std::sync::Arc;

const N: usize = 3;
const C: usize = 4;
const H: usize = 2;
const W: usize = 5;

/// A number that is different for every input, channel and pixel, and exact as f32.
fn pixel(n: usize, c: usize, h: usize, w: usize) -> f32 {
    let shuffled = (((n * C + c) * H + h) * W + w) * 37 % 121;
    shuffled as f32 - 50.0
}

fn image(layout: Layout) -> Tensor {
    let mut numbers = Vec::new();
    for n in 0..N {
        match layout {
            Layout::Nchw => {
                for (c, h, w) in product(C, H, W) {
                    numbers.push(pixel(n, c, h, w));
                }
            }
            _ => {
                for (h, w, c) in product(H, W, C) {
                    numbers.push(pixel(n, c, h, w));
                }
            }
        }
    }
    let shape = match layout {
        Layout::Nchw => vec![N, C, H, W],
        Layout::Nhwc => vec![N, H, W, C],
        _ => vec![N, H * W, C],
    };
    Tensor::new("model.npz", "conv", shape, Values::F32(Arc::new(numbers))).unwrap()
}

fn product(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a * b * c).map(move |i| (i / (b * c), i / c % b, i % c))
}

fn rows(prepared: &Prepared) -> Vec<Vec<f64>> {
    let rows = prepared.representation.rows().unwrap();
    let mut out = vec![vec![0.0; rows.d()]; rows.n()];
    for (i, row) in out.iter_mut().enumerate() {
        rows.read_f64(i..i + 1, &vec![0.0; rows.d()], row);
    }
    out
}

/// One row for each input, one number for each channel, from the numbers at all positions.
fn pooled(reduce: impl Fn(&[f64]) -> f64) -> Vec<Vec<f64>> {
    let channel = |n, c| {
        let positions: Vec<f64> = (0..H * W).map(|p| f64::from(pixel(n, c, p / W, p % W))).collect();
        f64::from(reduce(&positions) as f32)
    };
    (0..N).map(|n| (0..C).map(|c| channel(n, c)).collect()).collect()
}

#[test]
fn every_pooling_is_its_definition_in_every_layout() {
    for layout in [Layout::Nchw, Layout::Nhwc, Layout::Ntd] {
        let run = |pooling| prepare(&image(layout), layout, Some(pooling)).unwrap();
        assert_eq!(rows(&run(Pooling::Mean)), pooled(|p| p.iter().sum::<f64>() / p.len() as f64), "{layout}");
        assert_eq!(rows(&run(Pooling::Max)), pooled(|p| p.iter().copied().fold(-1e9, f64::max)), "{layout}");
        assert_eq!(rows(&run(Pooling::First)), pooled(|p| p[0]), "{layout}");
        assert_eq!(rows(&run(Pooling::Last)), pooled(|p| p[p.len() - 1]), "{layout}");
        let all = run(Pooling::POSITIONS);
        let expected: Vec<Vec<f64>> = product(N, H, W)
            .map(|(n, h, w)| (0..C).map(|c| f64::from(pixel(n, c, h, w))).collect())
            .collect();
        assert_eq!(rows(&all), expected, "{layout}: input by input, then position by position");
        assert_eq!(all.samples.input_of(H * W), 1);
    }
}

#[test]
fn flatten_keeps_the_order_of_the_file() {
    let expected: Vec<Vec<f64>> =
        (0..N).map(|n| product(C, H, W).map(|(c, h, w)| f64::from(pixel(n, c, h, w))).collect()).collect();
    for layout in [Layout::Auto, Layout::Nchw] {
        let prepared = prepare(&image(Layout::Nchw), layout, Some(Pooling::Flatten)).unwrap();
        assert_eq!(rows(&prepared), expected);
        assert!(
            prepared.steps.contains(&"flattened 4×2×5 to 40 neurons".to_string()),
            "{:?}",
            prepared.steps
        );
    }
}

#[test]
fn both_sides_of_a_pair_get_the_same_positions() {
    let pooling = Pooling::Positions { draw: NonZeroUsize::new(7), seed: 3 };
    let nchw = prepare(&image(Layout::Nchw), Layout::Nchw, Some(pooling)).unwrap();
    let nhwc = prepare(&image(Layout::Nhwc), Layout::Nhwc, Some(pooling)).unwrap();
    assert_eq!(rows(&nchw), rows(&nhwc), "the same pixels, whatever the layout");
    assert_eq!(nchw.representation.n(), 7);
    nchw.samples.check_pair(&nhwc.samples, "x", "y").unwrap();
    assert!(nchw.steps.last().unwrap().contains("a draw of 7 from the 2×5 positions of 3 inputs (seed 3)"));

    let other = Pooling::Positions { draw: NonZeroUsize::new(7), seed: 4 };
    let other = prepare(&image(Layout::Nhwc), Layout::Nhwc, Some(other)).unwrap();
    assert_ne!(rows(&nchw), rows(&other));
    let error = nchw.samples.check_pair(&other.samples, "x", "y");
    assert!(matches!(error, Err(Error::Positions { .. })));
    // As many rows, but of another grid: the row count alone would let it pass.
    let tokens = prepare(&image(Layout::Ntd), Layout::Ntd, Some(pooling)).unwrap();
    assert_eq!(tokens.representation.n(), nchw.representation.n());
    assert!(nchw.samples.check_pair(&tokens.samples, "x", "y").is_err());
}

#[test]
fn what_needs_no_arithmetic_is_shared() {
    let tensor = image(Layout::Nhwc);
    let Values::F32(owner) = tensor.values() else { unreachable!() };
    let before = Arc::strong_count(owner);
    let prepared =
        [Pooling::Flatten, Pooling::POSITIONS].map(|p| prepare(&tensor, Layout::Nhwc, Some(p)).unwrap());
    assert_eq!(Arc::strong_count(owner), before + prepared.len());
}

#[test]
fn nothing_is_guessed() {
    let needed = prepare(&image(Layout::Nchw), Layout::Auto, None).unwrap_err();
    assert!(needed.hint().unwrap().contains("nchw"), "{needed}");
    let needed = prepare(&image(Layout::Nchw), Layout::Auto, Some(Pooling::Mean)).unwrap_err();
    assert!(matches!(needed, Error::LayoutNeeded { .. }));
    let needed = prepare(&image(Layout::Nchw), Layout::Nchw, None).unwrap_err();
    assert!(needed.hint().unwrap().contains("flatten"), "{needed}");
    let mismatch = prepare(&image(Layout::Ntd), Layout::Nchw, Some(Pooling::Mean)).unwrap_err();
    assert!(matches!(mismatch, Error::LayoutMismatch { .. }));
    assert!(mismatch.to_string().contains("model.npz"), "{mismatch}");
}

#[test]
fn one_and_two_axes_stay_as_they_are() {
    let numbers = Values::F64(Arc::new(vec![1.0, 2.0, 3.0, 4.0]));
    let flat = Tensor::new("x.npy", "x", vec![4], numbers.clone()).unwrap();
    let prepared = prepare(&flat, Layout::Auto, None).unwrap();
    assert_eq!(prepared.samples, Samples::Inputs { inputs: 4 });
    assert_eq!(rows(&prepared), [[1.0], [2.0], [3.0], [4.0]]);
    let dense = Tensor::new("x.npy", "x", vec![2, 2], numbers).unwrap();
    let prepared = prepare(&dense, Layout::Nchw, Some(Pooling::Mean)).unwrap();
    assert_eq!(rows(&prepared), [[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(prepared.steps, ["two dimensions: taken as nd, nchw and pooling do not apply"]);
}

#[test]
fn a_nan_is_reported_whatever_the_pooling() {
    let mut numbers = vec![1.0_f32; 2 * 3 * 4];
    numbers[13] = f32::NAN;
    let tensor = Tensor::new("x.npy", "x", vec![2, 3, 4], Values::F32(Arc::new(numbers))).unwrap();
    for pooling in [Pooling::Flatten, Pooling::Mean, Pooling::Max, Pooling::POSITIONS] {
        let error = prepare(&tensor, Layout::Ntd, Some(pooling)).unwrap_err();
        let Error::Representation { cause: isorep::Error::NotFinite { row, .. }, .. } = error else {
            panic!("{pooling}: {error}");
        };
        assert_eq!(row, if pooling == Pooling::POSITIONS { 3 } else { 1 });
    }
}
