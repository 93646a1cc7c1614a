//! Two aligned representations, and what has been computed from both of them together.
//!
//! A pair is backed by rows or, if it comes from [`crate::Moments`], by sums over rows; a measure that asks only for
//! sums does not notice. Which form of a product is cheaper, n × n or d × d, is decided here and nowhere else.

use crate::context::Context;
use crate::factor::Factor;
use crate::linalg::{Matrix, Precision, Tiled, dot, products, squared_norm};
use crate::measures::subspace::{Neurons, Path, ZeroNeurons};
use crate::measures::{Outputs, SoftTerms};
use crate::once::{Keyed, Once};
use crate::overlap::Overlap;
use crate::profile::{Profile, ProfileTerms, profile_product, profile_terms};
use crate::{Error, Representation, Result};
use std::sync::Arc;

/// Two representations whose row i is the same input.
///
/// ```
/// use isorep::{Cka, Measure, Pair, Representation};
/// let x = Representation::from_f64("a", 5, 1, vec![1.0, 2.0, 3.0, 4.0, 6.0])?;
/// let y = Representation::from_f64("b", 5, 1, vec![2.0, 4.0, 6.0, 8.0, 12.0])?;
/// let pair = Pair::new(&x, &y)?;
/// assert!((Cka::default().compare(&pair)? - 1.0).abs() < 1e-12);
/// # Ok::<(), isorep::Error>(())
/// ```
#[derive(Debug)]
pub struct Pair {
    x: Representation,
    y: Representation,
    aligned: bool,
    context: Arc<Context>,
    cross: Once<Matrix>,
    products: [Once<Tiled>; 2],
    score_cross: Once<Matrix>,
    cross_terms: Once<CrossTerms>,
    factor: Once<Factor>,
    overlaps: [Once<Overlap>; 2],
    match_paths: [Once<Path>; 2],
    soft_terms: [Once<SoftTerms>; 2],
    profile_products: Keyed<Profile, f64>,
}

/// Sums over the centred inputs of both sides, of which HSIC consists.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossTerms {
    /// ⟨K, L⟩ = ‖XᵀY‖², squared Frobenius norm.
    pub squared_norm: f64,
    /// Σ ‖xᵢ‖²‖yᵢ‖², the diagonal's share of it.
    pub diagonal: f64,
}

impl Pair {
    /// Pairs row i of `x` with row i of `y`. Both are shared, not copied.
    ///
    /// # Errors
    /// [`Error::RowCount`] if they have different numbers of rows.
    pub fn new(x: &Representation, y: &Representation) -> Result<Self> {
        if x.n() != y.n() {
            return Err(Error::RowCount { x: x.name().into(), n_x: x.n(), y: y.name().into(), n_y: y.n() });
        }
        Ok(Self::with(x.clone(), y.clone(), true))
    }

    /// Two representations of which nothing says that row i of both is the same input; they may differ in length. Only
    /// measures whose [`aligned`](crate::measure::Properties::aligned) is false have a value.
    pub fn unaligned(x: &Representation, y: &Representation) -> Self {
        Self::with(x.clone(), y.clone(), false)
    }

    /// The same pair, and what is known of its inputs.
    ///
    /// # Errors
    /// [`Error::ContextLength`] if it is not about as many inputs, [`Error::NotAligned`] if the sides do not share them.
    pub fn with_context(self, context: impl Into<Arc<Context>>) -> Result<Self> {
        self.aligned()?;
        let context = context.into();
        context.fits(self.n())?;
        // What depends on the context is found again.
        Ok(Self { context, soft_terms: [Once::default(), Once::default()], ..self })
    }

    /// The same pair for some of the inputs, in the order given.
    ///
    /// # Errors
    /// As [`Representation::select`]; [`Error::NotAligned`] if the sides do not share their inputs.
    pub fn select(&self, inputs: &[usize]) -> Result<Self> {
        self.aligned()?;
        let context = Arc::new(self.context.select(inputs)?);
        Ok(Self { context, ..Self::with(self.x.select(inputs)?, self.y.select(inputs)?, true) })
    }

    /// The same inputs seen by some of the neurons of each side, in the order given.
    ///
    /// # Errors
    /// As [`Representation::select_neurons`].
    pub fn select_neurons(&self, [x, y]: [Vec<usize>; 2]) -> Result<Self> {
        let (x, y) = (self.x.select_neurons(&x)?, self.y.select_neurons(&y)?);
        Ok(Self { context: self.context.clone(), ..Self::with(x, y, self.aligned) })
    }

    /// The same pair with the inputs of y in another order: what the sides share is lost, what each is stays. What was
    /// computed of one side is used again. What is known of the inputs stays with the places.
    ///
    /// # Errors
    /// As [`Representation::reordered`]; [`Error::NotAligned`] if the sides do not share their inputs.
    pub fn permuted(&self, order: &[usize]) -> Result<Self> {
        self.aligned()?;
        let y = self.y.reordered(order)?;
        Ok(Self { context: self.context.clone(), ..Self::with(self.x.clone(), y, true) })
    }

    fn with(x: Representation, y: Representation, aligned: bool) -> Self {
        Self {
            x,
            y,
            aligned,
            context: Arc::default(),
            cross: Once::default(),
            products: [Once::default(), Once::default()],
            score_cross: Once::default(),
            cross_terms: Once::default(),
            factor: Once::default(),
            overlaps: [Once::default(), Once::default()],
            match_paths: [Once::default(), Once::default()],
            soft_terms: [Once::default(), Once::default()],
            profile_products: Keyed::default(),
        }
    }

    /// What moments know of a pair.
    pub(crate) fn from_moments(
        (x, y): (Representation, Representation),
        cross: Matrix,
        cross_terms: CrossTerms,
        factor: Option<Factor>,
    ) -> Self {
        let mut pair = Self::with(x, y, true);
        pair.cross = Once::with(cross);
        pair.cross_terms = Once::with(cross_terms);
        if let Some(factor) = factor {
            pair.factor = Once::with(factor);
        }
        pair
    }

    /// The first representation.
    pub fn x(&self) -> &Representation {
        &self.x
    }

    /// The second representation.
    pub fn y(&self) -> &Representation {
        &self.y
    }

    /// What is known of the inputs.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Checks that row i of both sides is the same input.
    ///
    /// # Errors
    /// [`Error::NotAligned`].
    pub fn aligned(&self) -> Result<()> {
        if self.aligned {
            return Ok(());
        }
        Err(Error::NotAligned { x: self.x.name().into(), y: self.y.name().into() })
    }

    /// Checks that both sides have as many neurons, and says how many.
    ///
    /// # Errors
    /// [`Error::Widths`].
    pub fn equal_widths(&self) -> Result<usize> {
        let (d_x, d_y) = (self.x.d(), self.y.d());
        if d_x == d_y {
            return Ok(d_x);
        }
        Err(Error::Widths { x: self.x.name().into(), d_x, y: self.y.name().into(), d_y })
    }

    /// Number of inputs; of x if the sides are not aligned.
    pub fn n(&self) -> usize {
        self.x.n()
    }

    /// Checks that there are enough inputs for a definition.
    ///
    /// # Errors
    /// [`Error::TooFewSamples`].
    pub fn at_least(&self, needed: usize) -> Result<()> {
        if self.n() < needed { Err(Error::TooFewSamples { needed, got: self.n() }) } else { Ok(()) }
    }

    /// The two sides exchanged; nothing computed for this pair is carried over.
    #[must_use]
    pub fn swapped(&self) -> Self {
        Self { context: self.context.clone(), ..Self::with(self.y.clone(), self.x.clone(), self.aligned) }
    }

    /// `XᵀY` of the centred rows, `d_x` × `d_y`, from f64 products.
    ///
    /// # Errors
    /// None once the pair exists; the type leaves room for readers that can fail.
    pub fn cross_scatter(&self) -> Result<&Matrix> {
        self.cross.try_get_or(|| Ok(self.product(Precision::Double)?.matrix()))
    }

    /// `XᵀY` of the centred rows, precise enough for a score: f32 products if both sides are stored so.
    pub(crate) fn score_cross_scatter(&self) -> Result<&Matrix> {
        if !self.is_single() {
            return self.cross_scatter();
        }
        self.score_cross.try_get_or(|| Ok(self.product(Precision::Single)?.matrix()))
    }

    /// ‖XᵀY‖² of the centred rows.
    fn squared_norm(&self, precision: Precision) -> Result<f64> {
        match self.x.rows() {
            Ok(_) => Ok(self.product(precision)?.squared_norm()),
            Err(_) => Ok(squared_norm(self.cross_scatter()?)),
        }
    }

    fn product(&self, precision: Precision) -> Result<&Tiled> {
        self.aligned()?;
        self.products[usize::from(precision == Precision::Double)].try_get_or(|| {
            let sides = [self.x.source(precision)?, self.y.source(precision)?];
            products(&sides, &[(0, 1)], precision).pop().ok_or(Error::NeedsRows)
        })
    }

    /// `XᵀY`, and in the same pass over the rows whatever both sides still lack of their own: for measures that need all
    /// three.
    fn product_and_own(&self, precision: Precision) -> Result<&Tiled> {
        self.aligned()?;
        self.products[usize::from(precision == Precision::Double)].try_get_or(|| self.new_products(precision))
    }

    fn new_products(&self, precision: Precision) -> Result<Tiled> {
        let sides = [self.x.source(precision)?, self.y.source(precision)?];
        let mut lacking = Vec::new();
        if self.x.lacks_own_product(precision) {
            lacking.push((&self.x, (0, 0)));
        }
        if self.y.lacks_own_product(precision) && !self.x.is_same(&self.y) {
            lacking.push((&self.y, (1, 1)));
        }
        let wanted: Vec<_> = lacking.iter().map(|(_, of)| *of).chain([(0, 1)]).collect();
        let mut found = products(&sides, &wanted, precision);
        let cross = found.pop();
        for ((side, _), own) in lacking.into_iter().zip(found) {
            side.keep_own_product(own, precision);
        }
        cross.ok_or(Error::NeedsRows)
    }

    /// True if both sides are rows stored in single precision or less.
    pub(crate) fn is_single(&self) -> bool {
        match (self.x.rows(), self.y.rows()) {
            (Ok(x), Ok(y)) => Precision::for_score(&[x, y]) == Precision::Single,
            _ => false,
        }
    }

    /// The sums over both sides that HSIC needs.
    ///
    /// # Errors
    /// As [`Pair::cross_scatter`].
    pub fn cross_terms(&self) -> Result<CrossTerms> {
        self.aligned()?;
        let terms = self.cross_terms.try_get_or(|| {
            let squared_norm = if self.x.is_wide() && self.y.is_wide() {
                dot(self.x.gram()?.values(), self.y.gram()?.values())
            } else {
                // First the products, so that both sides' own are formed along with them.
                let precision = if self.is_single() { Precision::Single } else { Precision::Double };
                if self.x.rows().is_ok() {
                    self.product_and_own(precision)?;
                }
                let quick = self.squared_norm(precision)?;
                if self.x.is_delicate()? || self.y.is_delicate()? {
                    self.squared_norm(Precision::Double)?
                } else {
                    quick
                }
            };
            Ok(CrossTerms { squared_norm, diagonal: dot(self.x.row_norms()?, self.y.row_norms()?) })
        })?;
        Ok(*terms)
    }

    /// The sums over both sides that HSIC needs, for a kernel of distance.
    pub(crate) fn profile_terms(&self, profile: Profile) -> Result<ProfileTerms> {
        self.aligned()?;
        let product = self.profile_products.try_get_or(profile, || profile_product(self, profile))?;
        Ok(profile_terms(*product, &*self.x.profile_sums(profile)?, &*self.y.profile_sums(profile)?))
    }

    /// The joint triangular factor of the neurons.
    pub(crate) fn factor(&self) -> Result<&Factor> {
        self.aligned()?;
        self.factor.try_get_or(|| Factor::of(&self.x, &self.y))
    }

    /// Whether [`Pair::factor`] can be had.
    pub(crate) fn has_factor(&self) -> bool {
        self.x.rows().is_ok() || self.factor.is_known()
    }

    /// Orthonormal bases of the spans of the neurons of both sides and their inner products.
    pub(crate) fn overlap(&self, centred: bool) -> Result<&Overlap> {
        self.aligned()?;
        self.overlaps[usize::from(centred)].try_get_or(|| Overlap::of(self, centred))
    }

    /// The neurons of both sides, ready for subspace match: as they are, or about their means.
    ///
    /// # Errors
    /// [`Error::NeedsFactor`] for moments without a triangular factor.
    pub fn neurons(&self, centred: bool) -> Result<Neurons> {
        if !self.has_factor() {
            return Err(Error::NeedsFactor { condition: f64::INFINITY });
        }
        let factor = self.factor()?;
        let (n, d_x) = (self.n(), self.x.d());
        Ok(if centred {
            Neurons::centred_from_factor(&factor.with_means(true), d_x, n)
        } else {
            Neurons::from_factor(&factor.with_means(false), d_x, n)
        })
    }

    /// The critical ε of every neuron; zero neurons are counted as unmatched.
    pub(crate) fn match_path(&self, centred: bool) -> Result<&Path> {
        self.match_paths[usize::from(centred)]
            .try_get_or(|| Path::new(&self.neurons(centred)?, ZeroNeurons::default()))
    }

    /// What measures of soft outputs share.
    pub(crate) fn soft_terms(&self, outputs: Outputs) -> Result<&SoftTerms> {
        self.aligned()?;
        self.soft_terms[usize::from(outputs == Outputs::Probabilities)]
            .try_get_or(|| SoftTerms::of(self, outputs))
    }

    /// The pair of the compact forms of both sides, if one of them is wide: same inner products between inputs.
    pub(crate) fn compacted(&self) -> Result<Option<Self>> {
        if self.x.is_wide() || self.y.is_wide() {
            let compact = Self::with(self.x.compact()?.clone(), self.y.compact()?.clone(), self.aligned);
            return Ok(Some(Self { context: self.context.clone(), ..compact }));
        }
        Ok(None)
    }
}
