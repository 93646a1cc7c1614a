//! One representation: the activations of one layer on one set of inputs, and what has been computed from them.
//!
//! Everything dear that several measures need of one side is a field here, filled on first use and shared by every
//! pair the representation takes part in. Cloning shares it too.

mod reordered;

use crate::axes::Axes;
use crate::linalg::qr::triangular_factor;
use crate::linalg::{
    Eigen, Matrix, Packed, PointStore, Points, Precision, Real, ShiftedRows, Source, Space, Tiled,
    column_means, dot, eigenvalues, gram, multiply, multiply_a_bt, products, squared_column_norms,
    squared_norm, squared_row_norms,
};
use crate::measure::Needs;
use crate::measures::{Decisions, NeuronPairs, Skeleton};
use crate::neighbors::{Metric, NeighborStore, Neighbors};
use crate::once::{Keyed, Once};
use crate::overlap::Basis;
use crate::profile::{Profile, ProfileSums};
use crate::reading::exact::{Cubes, cubic_trace};
use crate::{Error, Owner, Result, Rows, Values};
use reordered::Reordering;
use std::ops::Range;
use std::sync::Arc;

/// A named matrix of activations: `n` inputs (rows) × `d` neurons (columns), all finite.
///
/// ```
/// let relu1 = isorep::Representation::from_f32("relu1", 3, 2, vec![0.0, 1.0, 2.0, 0.5, 1.0, 0.0])?;
/// assert_eq!((relu1.n(), relu1.d()), (3, 2));
/// assert_eq!(relu1.mean(), [1.0, 0.5]);
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Representation {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    n: usize,
    d: usize,
    mean: Vec<f64>,
    /// Absent if only moments of the rows were kept.
    rows: Option<Rows>,
    /// The representation whose inputs these are in another order.
    reordering: Option<Reordering>,
    /// The centred rows, ready for products of the precision of scores.
    packed: Once<Packed>,
    scatter: Once<Matrix>,
    gram: Once<Matrix>,
    row_norms: Once<Vec<f64>>,
    neuron_variation: Once<Vec<f64>>,
    /// `XᵀX` in tiles, from f32 and from f64 products.
    own_products: [Once<Tiled>; 2],
    self_terms: Once<SelfTerms>,
    spectrum: Once<Vec<f64>>,
    principal: Once<Eigen>,
    compact: Once<Representation>,
    bases: [Once<Basis>; 2],
    axes: Once<Axes>,
    points: PointStore,
    neighbors: NeighborStore,
    skeleton: Skeleton,
    /// The class of every input, if the neurons are outputs.
    decisions: Once<Decisions>,
    /// Sums over pairs of different neurons.
    neuron_pairs: Once<NeuronPairs>,
    profile_sums: Keyed<Profile, ProfileSums>,
    cubes: Once<Cubes>,
}

/// Sums over the centred inputs of one side, of which HSIC and all that is made of it consist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelfTerms {
    /// tr K = Σ ‖xᵢ‖², the total variation.
    pub trace: f64,
    /// ‖K‖² = ‖XᵀX‖², squared Frobenius norm.
    pub squared_norm: f64,
    /// Σ ‖xᵢ‖⁴, the diagonal's share of `squared_norm`.
    pub diagonal: f64,
}

impl Representation {
    /// Checks that every value is finite and wraps the rows.
    ///
    /// # Errors
    /// [`Error::NotFinite`], naming the first such cell and how many there are.
    pub fn new(name: impl Into<String>, rows: Rows) -> Result<Self> {
        let name = name.into();
        let mean = column_means(&rows);
        // Any value that is not finite makes the mean of its column so.
        if mean.iter().any(|m| !m.is_finite()) {
            if let Some((at, value, count)) = rows.find_not_finite(0..rows.n()) {
                return Err(Error::NotFinite {
                    name,
                    row: at / rows.d(),
                    column: at % rows.d(),
                    value,
                    count,
                });
            }
            return Err(Error::undefined(format!("the values of `{name}` are too large to be added")));
        }
        Ok(Self::with(name, rows.n(), rows.d(), mean, Some(rows)))
    }

    /// From `n * d` row-major values.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`] or [`Error::NotFinite`].
    pub fn from_f64(name: impl Into<String>, n: usize, d: usize, values: Vec<f64>) -> Result<Self> {
        let (name, values): (String, Owner<f64>) = (name.into(), Arc::new(values));
        let rows = Rows::new(&name, n, d, Values::F64(values))?;
        Self::new(name, rows)
    }

    /// From `n * d` row-major values.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Shape`] or [`Error::NotFinite`].
    pub fn from_f32(name: impl Into<String>, n: usize, d: usize, values: Vec<f32>) -> Result<Self> {
        let (name, values): (String, Owner<f32>) = (name.into(), Arc::new(values));
        let rows = Rows::new(&name, n, d, Values::F32(values))?;
        Self::new(name, rows)
    }

    /// What moments know of one side: there are no rows to read.
    pub(crate) fn from_moments(
        name: String,
        n: usize,
        mean: Vec<f64>,
        scatter: Matrix,
        terms: SelfTerms,
    ) -> Self {
        let d = mean.len();
        let mut inner = Inner::new(name, n, d, mean, None);
        inner.scatter = Once::with(scatter);
        inner.self_terms = Once::with(terms);
        Self { inner: Arc::new(inner) }
    }

    fn with(name: String, n: usize, d: usize, mean: Vec<f64>, rows: Option<Rows>) -> Self {
        Self { inner: Arc::new(Inner::new(name, n, d, mean, rows)) }
    }

    /// What it is called: a layer name, a file name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Number of inputs.
    pub fn n(&self) -> usize {
        self.inner.n
    }

    /// Number of neurons.
    pub fn d(&self) -> usize {
        self.inner.d
    }

    /// The mean of each neuron.
    pub fn mean(&self) -> &[f64] {
        &self.inner.mean
    }

    /// The stored numbers.
    ///
    /// # Errors
    /// [`Error::NeedsRows`] if only moments were kept.
    pub fn rows(&self) -> Result<&Rows> {
        self.inner.rows.as_ref().ok_or(Error::NeedsRows)
    }

    /// The representation that knows what does not depend on the order of inputs, if this is one in another order.
    pub(crate) fn origin(&self) -> Option<&Self> {
        self.inner.reordering.as_ref().map(|reordering| &reordering.origin)
    }

    /// True for copies of one representation, which share what they compute.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// The same activations for some of the inputs, in the order given.
    ///
    /// # Errors
    /// [`Error::NeedsRows`] if only moments were kept, [`Error::Empty`] if no input is named.
    pub fn select(&self, inputs: &[usize]) -> Result<Self> {
        if inputs.is_empty() {
            return Err(Error::Empty { name: self.name().into(), rows: 0, columns: self.d() });
        }
        Self::new(self.name(), self.rows()?.select(inputs))
    }

    /// The same inputs seen by some of the neurons, in the order given.
    ///
    /// # Errors
    /// [`Error::NeedsRows`] if only moments were kept, [`Error::Empty`] if no neuron is named.
    pub fn select_neurons(&self, neurons: &[usize]) -> Result<Self> {
        if neurons.is_empty() {
            return Err(Error::Empty { name: self.name().into(), rows: self.n(), columns: 0 });
        }
        Self::new(self.name(), self.rows()?.select_columns(neurons))
    }

    /// The centred rows, to be read in blocks.
    pub(crate) fn centred(&self) -> Result<ShiftedRows<'_>> {
        Ok(ShiftedRows { rows: self.rows()?, shift: self.mean() })
    }

    /// The centred rows as they enter a product of the given precision: packed already, if [`Representation::warm`] did so.
    pub(crate) fn source(&self, precision: Precision) -> Result<Source<'_>> {
        let rows = self.centred()?;
        let packed = self.inner.packed.known().filter(|_| precision == Precision::for_score(&[rows.rows]));
        Ok(Source { rows, packed })
    }

    /// Computes what measures that ask for `needs` would compute on first use, so that many pairs can share it, and
    /// keeps the rows packed for their products.
    ///
    /// # Errors
    /// None of its own: what cannot be computed fails again, with its reason, where it is asked for.
    pub(crate) fn warm(&self, needs: Needs) {
        if self.rows().is_ok() && !self.is_wide() {
            let _ = self.inner.packed.try_get_or(|| {
                let rows = self.centred()?;
                Ok(Packed::of(rows, Precision::for_score(&[rows.rows])))
            });
        }
        // Failures belong to the pairs that need the value, not to the whole grid.
        if needs.contains(Needs::SELF_TERMS) {
            let _ = self.self_terms();
        }
        if needs.contains(Needs::BASIS) {
            let _ = self.basis(true);
        }
        if needs.contains(Needs::BASIS_ABOUT_ZERO) {
            let _ = self.basis(false);
        }
        if needs.contains(Needs::PRINCIPAL) {
            let _ = self.compact().and_then(Self::principal);
        }
        if needs.contains(Needs::SPECTRUM) {
            let _ = self.spectrum();
        }
        if needs.contains(Needs::COMPACT) {
            let _ = self.compact();
        }
    }

    /// The inputs as points: a copy of the rows, kept.
    pub(crate) fn points<T: Real>(&self, space: Space) -> Result<&Points<T>> {
        self.inner.points.points(self, space)
    }

    /// What graphs of the inputs need of this side.
    pub(crate) fn skeleton(&self) -> &Skeleton {
        &self.inner.skeleton
    }

    /// The inputs whose activations are not all zero, in their order.
    pub(crate) fn inputs_with_activations(&self) -> Result<Vec<usize>> {
        let rows = self.rows()?;
        let mut row = vec![0.0; self.d()];
        let active = |i: &usize| {
            rows.read_f64(*i..i + 1, &[], &mut row);
            row.iter().any(|v| *v != 0.0)
        };
        Ok((0..self.n()).filter(active).collect())
    }

    /// At least the `k` nearest neighbours of every input.
    pub(crate) fn neighbors(&self, metric: Metric, k: usize) -> Result<Arc<Neighbors>> {
        self.inner.neighbors.neighbors(self, metric, k)
    }

    /// Which class every input is put in, if the neurons are outputs of a network, one a class.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the outputs are constant or the largest of every input is not the only one of its size;
    /// [`Error::NeedsRows`] if only moments were kept.
    pub fn decisions(&self) -> Result<&Decisions> {
        self.inner.decisions.try_get_or(|| match &self.inner.reordering {
            Some(reordering) => Ok(reordering.origin.decisions()?.reordered(reordering.order())),
            None => Decisions::of(self),
        })
    }

    /// The sums of HSIC between different neurons.
    pub(crate) fn neuron_pairs(&self) -> Result<&NeuronPairs> {
        self.inner.neuron_pairs.try_get_or(|| NeuronPairs::of(self))
    }

    /// The sums over all pairs of inputs of a kernel of their distance.
    pub(crate) fn profile_sums(&self, profile: Profile) -> Result<Arc<ProfileSums>> {
        self.inner.profile_sums.try_get_or(profile, || match &self.inner.reordering {
            Some(reordering) => Ok(reordering.origin.profile_sums(profile)?.reordered(reordering.order())),
            None => ProfileSums::of(self, profile),
        })
    }

    /// The same, if they are known already.
    pub(crate) fn known_profile_sums(&self, profile: Profile) -> Option<Arc<ProfileSums>> {
        if self.inner.reordering.is_some() {
            return self.profile_sums(profile).ok();
        }
        self.inner.profile_sums.known(&profile)
    }

    /// Takes sums that were formed along with those of a pair.
    pub(crate) fn keep_profile_sums(&self, profile: Profile, sums: ProfileSums) {
        self.inner.profile_sums.keep(profile, sums);
    }

    /// The centred rows as an n × d matrix: a copy.
    pub(crate) fn centred_matrix(&self) -> Result<Matrix> {
        self.shifted_matrix(self.mean())
    }

    /// The rows minus `shift` as an n × d matrix: a copy.
    pub(crate) fn shifted_matrix(&self, shift: &[f64]) -> Result<Matrix> {
        self.shifted_rows(0..self.n(), shift)
    }

    /// Some of the rows minus `shift` as a matrix: a copy.
    pub(crate) fn shifted_rows(&self, range: Range<usize>, shift: &[f64]) -> Result<Matrix> {
        let mut values = vec![0.0; range.len() * self.d()];
        self.rows()?.read_f64(range.clone(), shift, &mut values);
        Ok(Matrix::from_rows(range.len(), self.d(), &values))
    }

    /// `XᵀX` of the centred rows, d × d, from f64 products: n times the covariance.
    ///
    /// # Errors
    /// None once the representation exists; the type leaves room for readers that can fail.
    pub fn scatter(&self) -> Result<&Matrix> {
        if let Some(origin) = self.origin() {
            return origin.scatter();
        }
        self.inner.scatter.try_get_or(|| Ok(self.own_product(Precision::Double)?.matrix()))
    }

    /// `XᵀX` of the centred rows in tiles.
    fn own_product(&self, precision: Precision) -> Result<&Tiled> {
        if let Some(origin) = self.origin() {
            return origin.own_product(precision);
        }
        self.inner.own_products[usize::from(precision == Precision::Double)].try_get_or(|| {
            products(&[self.source(precision)?], &[(0, 0)], precision).pop().ok_or(Error::NeedsRows)
        })
    }

    /// Whether the product of the neurons with themselves, in this precision, will be needed and is not known yet.
    pub(crate) fn lacks_own_product(&self, precision: Precision) -> bool {
        if let Some(origin) = self.origin() {
            return origin.lacks_own_product(precision);
        }
        let known = self.inner.own_products[usize::from(precision == Precision::Double)].is_known();
        let needed = self.rows().is_ok_and(|rows| Precision::for_score(&[rows]) == precision);
        needed && !known && !self.is_wide() && !self.inner.self_terms.is_known()
    }

    /// Takes the product of the neurons with themselves that was formed along with another one.
    pub(crate) fn keep_own_product(&self, product: Tiled, precision: Precision) {
        // Sums over all inputs are the same in any order.
        let inner = self.origin().map_or(&self.inner, |origin| &origin.inner);
        inner.own_products[usize::from(precision == Precision::Double)].keep(product);
    }

    /// `XXᵀ` of the centred rows, n × n: what is kept instead of [`Representation::scatter`] where n < d.
    pub(crate) fn gram(&self) -> Result<&Matrix> {
        self.inner.gram.try_get_or(|| {
            if let Some(reordering) = &self.inner.reordering {
                return Ok(reordering.of_pairs(reordering.origin.gram()?));
            }
            let centred = self.centred()?;
            let precision = Precision::for_score(&[centred.rows]);
            let quick = gram(centred, precision);
            let own: Vec<f64> = (0..self.n()).map(|i| quick[(i, i)]).collect();
            let terms = SelfTerms {
                trace: own.iter().sum(),
                squared_norm: squared_norm(&quick),
                diagonal: dot(&own, &own),
            };
            if precision == Precision::Single && terms.is_delicate(self.n()) {
                return Ok(gram(centred, Precision::Double));
            }
            Ok(quick)
        })
    }

    /// True if inputs are fewer than neurons, so that inner products of inputs are the smaller matrix.
    pub(crate) fn is_wide(&self) -> bool {
        self.n() < self.d() && self.inner.rows.is_some()
    }

    /// Squared distances of the inputs from their mean.
    pub(crate) fn row_norms(&self) -> Result<&[f64]> {
        let norms = self.inner.row_norms.try_get_or(|| match &self.inner.reordering {
            Some(reordering) => Ok(reordering.of(reordering.origin.row_norms()?)),
            None => Ok(squared_row_norms(self.centred()?)),
        })?;
        Ok(norms)
    }

    /// The sums of one side that HSIC needs.
    ///
    /// # Errors
    /// As [`Representation::scatter`].
    pub fn self_terms(&self) -> Result<SelfTerms> {
        if let Some(origin) = self.origin() {
            return origin.self_terms();
        }
        let terms = self.inner.self_terms.try_get_or(|| {
            let norms = self.row_norms()?;
            let terms = |squared_norm| SelfTerms {
                trace: norms.iter().sum(),
                squared_norm,
                diagonal: dot(norms, norms),
            };
            if self.is_wide() {
                return self.in_range(terms(squared_norm(self.gram()?)));
            }
            let centred = self.centred()?;
            if Precision::for_score(&[centred.rows]) == Precision::Single {
                let quick = terms(self.own_product(Precision::Single)?.squared_norm());
                if quick.squared_norm.is_normal() && !quick.is_delicate(self.n()) {
                    return Ok(quick);
                }
            }
            self.in_range(terms(self.own_product(Precision::Double)?.squared_norm()))
        })?;
        Ok(*terms)
    }

    /// What the third moment over permuted inputs needs of this side.
    pub(crate) fn cubes(&self) -> Result<&Cubes> {
        if let Some(origin) = self.origin() {
            return origin.cubes();
        }
        self.inner.cubes.try_get_or(|| Cubes::of(self))
    }

    /// tr K³ of the inner products K of the centred inputs.
    pub(crate) fn cubic_trace(&self) -> Result<f64> {
        if self.is_wide() {
            return Ok(cubic_trace(self.gram()?));
        }
        let precision = Precision::for_score(&[self.rows()?]);
        Ok(cubic_trace(&self.own_product(precision)?.matrix()))
    }

    /// Refuses sums of fourth powers that overflow or vanish.
    fn in_range(&self, terms: SelfTerms) -> Result<SelfTerms> {
        if terms.trace == 0.0 || terms.squared_norm.is_normal() {
            return Ok(terms);
        }
        Err(Error::undefined(format!(
            "the activations of `{}` are too large or too small for their fourth powers",
            self.name()
        )))
    }

    /// True if an estimate without bias from these sums needs more digits than f32 products have.
    pub(crate) fn is_delicate(&self) -> Result<bool> {
        Ok(self.self_terms()?.is_delicate(self.n()))
    }

    /// tr `XᵀX` of the centred rows: the total variation, n times the sum of the variances.
    ///
    /// # Errors
    /// [`Error::Undefined`] if all inputs have the same activations, up to rounding: nothing varies; or if squares
    /// leave the range of f64.
    pub fn variation(&self) -> Result<f64> {
        let trace =
            if self.inner.rows.is_some() { self.row_norms()?.iter().sum() } else { self.self_terms()?.trace };
        // Centring leaves rounding noise of this size in a constant layer with a large offset.
        let noise = self.n() as f64 * dot(self.mean(), self.mean()) * (8.0 * f64::EPSILON).powi(2);
        if trace <= noise {
            return Err(Error::undefined(format!(
                "`{}` is constant: every input has the same activations",
                self.name()
            )));
        }
        // Below this squares lose digits on their way to zero.
        if trace < 1e-290 || trace.is_infinite() {
            return Err(Error::undefined(format!(
                "the activations of `{}` are too {} to be squared",
                self.name(),
                if trace < 1.0 { "small" } else { "large" }
            )));
        }
        Ok(trace)
    }

    /// Eigenvalues of the scatter matrix, largest first, all ≥ 0; the smaller side decides how many.
    ///
    /// # Errors
    /// [`Error::Undefined`] for a constant representation.
    pub fn spectrum(&self) -> Result<&[f64]> {
        if let Some(origin) = self.origin() {
            return origin.spectrum();
        }
        let spectrum = self.inner.spectrum.try_get_or(|| {
            self.variation()?;
            let symmetric = if self.is_wide() { self.gram()? } else { self.scatter()? };
            Ok(eigenvalues(symmetric)?.into_iter().map(|v| v.max(0.0)).collect())
        })?;
        Ok(spectrum)
    }

    /// Eigenvectors and eigenvalues of the scatter matrix: the principal axes. Of [`Representation::compact`] if wide.
    pub(crate) fn principal(&self) -> Result<&Eigen> {
        if let Some(origin) = self.origin() {
            return origin.principal();
        }
        self.inner.principal.try_get_or(|| {
            self.variation()?;
            Eigen::of(self.scatter()?)
        })
    }

    /// An orthonormal basis of the span of the neurons, about their means or as they are.
    pub(crate) fn basis(&self, centred: bool) -> Result<&Basis> {
        self.inner.bases[usize::from(centred)].try_get_or(|| match &self.inner.reordering {
            Some(reordering) => Ok(reordering.origin.basis(centred)?.reordered(reordering.order())),
            None => Basis::of(self, centred),
        })
    }

    /// The principal axes in the coordinates of [`Representation::basis`] of the centred neurons.
    pub(crate) fn axes(&self) -> Result<&Axes> {
        if let Some(origin) = self.origin() {
            return origin.axes();
        }
        self.inner.axes.try_get_or(|| Axes::of(self.basis(true)?.loadings(self)?))
    }

    /// The neurons that are not constant (centred) or not zero (as they are), beyond rounding.
    pub(crate) fn live(&self, centred: bool) -> Result<Vec<usize>> {
        let n = self.n() as f64;
        let variation = self.neuron_variation()?;
        let is_live = |j: &usize| {
            let square = n * self.mean()[*j].powi(2);
            // Centring a constant leaves rounding noise of this size.
            let varies = variation[*j] > square * (8.0 * f64::EPSILON).powi(2);
            varies || (!centred && square > 0.0)
        };
        Ok((0..self.d()).filter(is_live).collect())
    }

    /// Unit roundoff of the format the numbers are stored in; of moments that of f64.
    pub(crate) fn roundoff(&self) -> f64 {
        self.rows().map_or(f64::EPSILON / 2.0, Rows::roundoff)
    }

    /// Sum of squares of each neuron about its mean.
    pub(crate) fn neuron_variation(&self) -> Result<&[f64]> {
        if let Some(origin) = self.origin() {
            return origin.neuron_variation();
        }
        let variation = self.inner.neuron_variation.try_get_or(|| match self.rows() {
            Ok(_) => Ok(squared_column_norms(self.centred()?)),
            Err(_) => self.scatter().map(|s| (0..self.d()).map(|j| s[(j, j)]).collect()),
        })?;
        Ok(variation)
    }

    /// The same up to one factor, of a size whose fourth powers stay in the range of f64: itself in all but freak cases.
    pub(crate) fn moderate(&self) -> Result<Self> {
        let size = (self.variation()? / self.n() as f64).sqrt();
        if (1e-50..1e50).contains(&size) {
            return Ok(self.clone());
        }
        let mut values = vec![0.0; self.n() * self.d()];
        self.rows()?.read_f64(0..self.n(), &[], &mut values);
        // A power of two changes no digit.
        let factor = (-size.log2().round()).exp2();
        for value in &mut values {
            *value *= factor;
        }
        Self::from_f64(self.name(), self.n(), self.d(), values)
    }

    /// A representation of at most n neurons with the same inner products between centred inputs.
    ///
    /// That is `self` unless it is wide; then the transposed triangular factor of `Xᵀ`, exact to rounding. Every
    /// measure that is invariant to rotations of the neurons gives the same number for it.
    pub(crate) fn compact(&self) -> Result<&Self> {
        if !self.is_wide() {
            return Ok(self);
        }
        self.inner.compact.try_get_or(|| match &self.inner.reordering {
            Some(reordering) => reordering.origin.compact()?.reordered(reordering.order()),
            None => self.rotated(self.mean()),
        })
    }

    /// Without the first `count` principal components: a copy, in at most n coordinates, with the mean taken off.
    pub(crate) fn peeled(&self, count: usize) -> Result<Self> {
        let compact = self.compact()?;
        let axes = compact.principal()?.vectors.leading_columns(count);
        let mut rest = compact.centred_matrix()?;
        let scores = multiply(&rest, &axes);
        let carried = multiply_a_bt(&scores, &axes);
        rest.values_mut().iter_mut().zip(carried.values()).for_each(|(value, carried)| *value -= carried);
        let (n, d) = (rest.rows(), rest.columns());
        let values = (0..n).flat_map(|i| (0..d).map(move |j| (i, j))).map(|(i, j)| rest[(i, j)]).collect();
        Self::from_f64(self.name(), n, d, values)
    }

    /// The rows minus `shift` in at most n coordinates, with the same inner products between them.
    pub(crate) fn rotated(&self, shift: &[f64]) -> Result<Self> {
        let r = triangular_factor(self.shifted_matrix(shift)?.transpose());
        let (n, k) = (self.n(), r.rows());
        let values: Vec<f64> =
            (0..n).flat_map(|i| (0..k).map(move |j| (i, j))).map(|(i, j)| r[(j, i)]).collect();
        Self::from_f64(self.name(), n, k, values)
    }
}

#[cfg(test)]
impl Representation {
    /// How often each shared value was computed.
    pub(crate) fn computations(&self) -> Vec<(&'static str, usize)> {
        let i = &self.inner;
        vec![
            ("packed", i.packed.computed()),
            ("scatter", i.scatter.computed()),
            ("gram", i.gram.computed()),
            ("row_norms", i.row_norms.computed()),
            ("own product, f32", i.own_products[0].computed()),
            ("own product, f64", i.own_products[1].computed()),
            ("self_terms", i.self_terms.computed()),
            ("spectrum", i.spectrum.computed()),
            ("principal", i.principal.computed()),
            ("compact", i.compact.computed()),
            ("basis", i.bases[1].computed()),
            ("basis about zero", i.bases[0].computed()),
            ("axes", i.axes.computed()),
            ("decisions", i.decisions.computed()),
        ]
    }
}

impl Inner {
    fn new(name: String, n: usize, d: usize, mean: Vec<f64>, rows: Option<Rows>) -> Self {
        Self {
            name,
            n,
            d,
            mean,
            rows,
            reordering: None,
            packed: Once::default(),
            scatter: Once::default(),
            gram: Once::default(),
            row_norms: Once::default(),
            neuron_variation: Once::default(),
            own_products: [Once::default(), Once::default()],
            self_terms: Once::default(),
            spectrum: Once::default(),
            principal: Once::default(),
            compact: Once::default(),
            bases: [Once::default(), Once::default()],
            axes: Once::default(),
            points: PointStore::default(),
            neighbors: NeighborStore::default(),
            decisions: Once::default(),
            neuron_pairs: Once::default(),
            skeleton: Skeleton::default(),
            profile_sums: Keyed::default(),
            cubes: Once::default(),
        }
    }
}

impl SelfTerms {
    /// True if next to nothing of ⟨K, K⟩ is left once its bias is taken off, as when one input dominates: the products
    /// must then be formed in f64.
    fn is_delicate(&self, n: usize) -> bool {
        /// Share that leaves four digits of f32 products.
        const SHARE: f64 = 1e-3;
        let n = n as f64;
        if n < 4.0 {
            return false;
        }
        let bias = n / (n - 2.0) * self.diagonal - self.trace * self.trace / ((n - 1.0) * (n - 2.0));
        self.squared_norm - bias < SHARE * self.squared_norm
    }

    /// (tr K)² / tr K²: how many directions carry the variation, between 1 and the rank.
    pub fn participation_ratio(&self) -> f64 {
        self.trace * self.trace / self.squared_norm
    }
}
