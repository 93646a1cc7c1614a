//! The inner loop of a tall product: a small block of sums held in vector registers while the rows go by.
//!
//! A matrix-product library packs its operands anew for every product. Here the same few thousand rows enter three
//! products at least (x with itself, y with itself, x with y), so they are packed once, centred and converted on the
//! way, and serve as either operand; and a symmetric product stops at its diagonal. The loop is compiled for every
//! width of vectors and chosen at run time; each sum runs over the rows in order, so its bits do not depend on the
//! width.

use super::exponential::Exponential;
use super::points::{PointStore, Points, Space};
use super::spare::{Buffer, Stored};
use crate::once::Once;
use pulp::{Simd, WithSimd};

/// Vectors that hold one column of a block of sums.
const VECTORS: usize = 3;
/// Bytes of panels that are kept in the second-level cache: half of the smallest one of today's server processors.
const LEFT_BYTES: usize = 512 << 10;

/// A float type products can be formed in.
pub(crate) trait Real:
    faer_traits::RealField + Copy + Default + Send + Sync + Stored + Exponential + PartialOrd
{
    const ONE: Self;
    /// Half the distance from 1 to the next number.
    const ROUNDOFF: f64;
    /// The smallest number with all its digits.
    const LEAST: f64;
    /// A difference smaller than this share of what was subtracted has lost about half of its digits.
    const CANCELLED: f64;
    /// Whether sums over many rows must be carried on in a wider type.
    const NARROW: bool;
    /// Rows that are packed at a time: a panel of them fits the second-level cache several times.
    const DEPTH: usize;
    /// As many numbers as one instruction handles.
    type Vector<S: Simd>: Copy;
    fn wide(self) -> f64;
    fn narrow(value: f64) -> Self;
    /// The next number that is not below `value`.
    fn narrow_up(value: f64) -> Self;
    /// The next number that is not above `value`.
    fn narrow_down(value: f64) -> Self;
    fn root(self) -> Self;
    fn times(self, other: Self) -> Self;
    /// Where a representation keeps points of this type.
    fn stored(store: &PointStore) -> &[Once<Points<Self>>; Space::COUNT];
    fn vectors<S: Simd>(values: &[Self]) -> &[Self::Vector<S>];
    fn vectors_mut<S: Simd>(values: &mut [Self]) -> &mut [Self::Vector<S>];
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn multiply_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
}

macro_rules! real {
    ($t:ident, $cancelled:literal, $store:ident, $narrow:literal, $depth:literal, $vector:ident, $as:ident, $as_mut:ident, $splat:ident, $add:ident, $fma:ident) => {
        impl Real for $t {
            const ONE: Self = 1.0;
            const ROUNDOFF: f64 = $t::EPSILON as f64 / 2.0;
            const LEAST: f64 = $t::MIN_POSITIVE as f64;
            const CANCELLED: f64 = $cancelled;
            const NARROW: bool = $narrow;
            const DEPTH: usize = $depth;
            type Vector<S: Simd> = S::$vector;
            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn narrow(value: f64) -> Self {
                value as $t
            }
            fn narrow_up(value: f64) -> Self {
                let near = value as $t;
                if f64::from(near) < value { near.next_up() } else { near }
            }
            fn narrow_down(value: f64) -> Self {
                let near = value as $t;
                if f64::from(near) > value { near.next_down() } else { near }
            }
            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn stored(store: &PointStore) -> &[Once<Points<Self>>; Space::COUNT] {
                &store.$store
            }
            #[inline(always)]
            fn vectors<S: Simd>(values: &[Self]) -> &[S::$vector] {
                S::$as(values).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(values: &mut [Self]) -> &mut [S::$vector] {
                S::$as_mut(values).0
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$vector {
                simd.$splat(value)
            }
            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn multiply_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$fma(a, b, c)
            }
        }
    };
}
real!(f32, 1e-3, single, true, 800, f32s, as_simd_f32s, as_mut_simd_f32s, splat_f32s, add_f32s, mul_add_f32s);
real!(
    f64,
    1e-7,
    double,
    false,
    400,
    f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    add_f64s,
    mul_add_f64s
);

/// The shape of a block of sums on this machine: `rows` numbers, a few vectors, times `columns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) lanes: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Shape {
    /// For the widest vectors this processor has.
    pub(super) fn of<T: Real>() -> Self {
        struct Ask<T>(std::marker::PhantomData<T>);
        impl<T: Real> WithSimd for Ask<T> {
            type Output = Shape;
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> Shape {
                let lanes = size_of::<T::Vector<S>>() / size_of::<T>();
                let columns = if wide_file::<T, S>() { 8 } else { 3 };
                Shape { lanes, rows: VECTORS * lanes, columns }
            }
        }
        pulp::Arch::new().dispatch(Ask::<T>(std::marker::PhantomData))
    }
}

/// Whether there are registers for 3 × 8 sums, as with AVX-512; otherwise 3 × 3.
#[inline(always)]
fn wide_file<T: Real, S: Simd>() -> bool {
    S::REGISTER_COUNT >= 32 && (VECTORS * size_of::<T::Vector<S>>() / size_of::<T>()).is_multiple_of(8)
}

/// Panels of packed rows on both sides, and the blocks of sums between them.
pub(super) struct Multiply<'a, T> {
    pub(super) shape: Shape,
    /// Rows in every panel.
    pub(super) depth: usize,
    /// Panels whose neurons are the rows of the product, one after the other, and how many vectors of each are used.
    pub(super) left: &'a [T],
    pub(super) left_vectors: &'a [usize],
    /// Panels whose neurons are its columns, and how many columns each has.
    pub(super) right: &'a [T],
    pub(super) right_columns: &'a [usize],
    /// Blocks of sums, for each panel on the right, each of its groups of columns, and each panel on the left.
    pub(super) sums: &'a mut [T],
    /// Skips what lies above the diagonal: both sides are the same panels.
    pub(super) lower: bool,
}

impl<T: Real + Stored> Multiply<'_, T> {
    pub(super) fn run(self) {
        pulp::Arch::new().dispatch(self);
    }
}

impl<T: Real + Stored> WithSimd for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let m = &mut self;
        if wide_file::<T, S>() { multiply::<T, S, 8>(simd, m) } else { multiply::<T, S, 3>(simd, m) }
    }
}

#[inline(always)]
fn multiply<T: Real + Stored, S: Simd, const N: usize>(simd: S, m: &mut Multiply<'_, T>) {
    let width = m.shape.rows;
    let panel = m.depth * width;
    let groups = width / N;
    let row = m.left_vectors.len() * width * N;
    // Groups of columns side by side: one of them stays in the first-level cache while panels go by.
    let mut few = Buffer::<T>::zeros(m.right.len());
    for (right, few) in m.right.chunks_exact(panel).zip(few.chunks_exact_mut(panel)) {
        for (group, few) in few.chunks_exact_mut(m.depth * N).enumerate() {
            for (few, right) in few.chunks_exact_mut(N).zip(right.chunks_exact(width)) {
                few.copy_from_slice(&right[group * N..(group + 1) * N]);
            }
        }
    }
    // A few panels on the left stay in the second-level cache while all groups go by: with all of them at once every
    // group would read them from the third level, which cannot keep up.
    let together = (LEFT_BYTES / (panel * size_of::<T>())).max(1);
    for (some, left) in m.left.chunks(together * panel).enumerate() {
        for (j, few) in few.chunks_exact(panel).enumerate() {
            for (group, few) in few.chunks_exact(m.depth * N).take(m.right_columns[j].div_ceil(N)).enumerate()
            {
                let sums = &mut m.sums[(j * groups + group) * row..][..row];
                for (within, left) in left.chunks_exact(panel).enumerate() {
                    let i = some * together + within;
                    if m.lower && i < j {
                        continue;
                    }
                    let sums = &mut sums[i * width * N..][..width * N];
                    match m.left_vectors[i] {
                        1 => block::<T, S, 1, N>(simd, left, few, sums),
                        2 => block::<T, S, 2, N>(simd, left, few, sums),
                        _ => block::<T, S, VECTORS, N>(simd, left, few, sums),
                    }
                }
            }
        }
    }
}

/// Adds, for the first V vectors of neurons on the left and N neurons on the right, the sum over rows of products.
#[inline(always)]
fn block<T: Real, S: Simd, const V: usize, const N: usize>(simd: S, left: &[T], right: &[T], sums: &mut [T]) {
    let mut local = [[T::splat(simd, T::default()); V]; N];
    let rows = T::vectors::<S>(left).chunks_exact(VECTORS).zip(right.chunks_exact(N));
    for (a, b) in rows {
        for (local, b) in local.iter_mut().zip(b) {
            let b = T::splat(simd, *b);
            for (sum, a) in local.iter_mut().zip(a) {
                *sum = T::multiply_add(simd, *a, b, *sum);
            }
        }
    }
    // Fixed bounds, so that the compiler sees every index: read in a loop of unknown length the sums would have to lie in
    // memory, and be written there with every row.
    let sums = T::vectors_mut::<S>(sums);
    for j in 0..N {
        for i in 0..V {
            sums[j * VECTORS + i] = T::plus(simd, sums[j * VECTORS + i], local[j][i]);
        }
    }
}
