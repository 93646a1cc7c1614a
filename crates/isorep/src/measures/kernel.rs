//! Measures of kernels between inputs: of inner products, or of distances.

mod about_zero;
mod bandwidth;
mod cka;
mod dcor;
mod deconfounded_cka;
mod ensd;
mod hsic;
mod kernel_alignment;
mod minibatch_cka;
mod neuron_corrected_cka;
mod option;
mod pnka;
mod residual;

pub use bandwidth::{Bandwidth, TypicalDistance};
pub use cka::{Cka, CosineForm};
pub use dcor::{Dcor, DistanceEstimator};
pub use deconfounded_cka::{DeconfoundedCka, ResidualEstimator};
pub use ensd::Ensd;
pub use hsic::{Estimator, Hsic};
pub use kernel_alignment::KernelAlignment;
pub use minibatch_cka::{BatchSize, MinibatchCka};
pub use neuron_corrected_cka::NeuronCorrectedCka;
pub(crate) use neuron_corrected_cka::NeuronPairs;
pub use option::Kernel;
pub use pnka::{Pnka, PointwiseCosines};
