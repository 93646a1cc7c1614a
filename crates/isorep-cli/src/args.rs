//! What was typed. What it means is found out in `plan.rs` and in the commands.

use clap::{Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// How similar are the representations of two neural networks, and what is each number worth.
#[derive(Debug, Parser)]
#[command(name = "isorep", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) shared: Shared,
}

const EXAMPLES: &str = "\
Examples:
  isorep demo                                     train small networks and compare them
  isorep compare a.npz b.npz                      layers of the same name, with a choice of measures
  isorep compare a.npy b.npy -m cka -m 'cka(estimator=gretton)'
  isorep match a.npz b.npz --layers conv1 --layout nchw --pool positions
  isorep compare a.npy b.npy -m error-consistency --labels labels.npy
  isorep sweep a.npy b.npy -m mutual-knn --over k=2,5,10,20
  isorep compare a.onnx b.onnx --inputs x.npy --layout nchw --pool mean
  isorep parity a.onnx b.onnx --inputs x.npy      which layer is the first that differs
  isorep list                                     every measure
  isorep explain cka                              the page of one

Exit codes: 0 done, 1 a gate was not met, 2 could not run, 130 stopped with Ctrl-C";

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Shared {
    /// How the result is written; with -o, the extension of the file decides if this is not given
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write the result to a file, which appears whole or not at all
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Seed of every random draw: positions, folds, permutations
    #[arg(long, global = true, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Number of threads; all processors if not given. The numbers do not depend on it
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people
    Text,
    /// One object with all digits; its schema is crates/isorep-report/schema
    Json,
    /// One row a number
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train small networks from several seeds on handwritten digits, compare them, and show where a zero misleads
    Demo(Demo),
    /// Compare layers of A with layers of B under any number of measures
    Compare(Compare),
    /// Subspace match: which neurons of one layer span which neurons of the other, for every ε
    Match(Match),
    /// Which kind of map leads from one layer to the other: identity, permutation, rotation, linear, smooth
    Ladder(Ladder),
    /// One measure along one of its options, or along the number of inputs, with its chance level
    Sweep(Sweep),
    /// Whether layers of the same name give the same numbers, and which is the first that does not
    Parity(Parity),
    /// What a model or a file of activations holds: names, shapes, operators
    Layers(Layers),
    /// Run a model and save layers of it as .safetensors, batch by batch
    Capture(Capture),
    /// Every measure, what leaves it unchanged and what it needs
    List,
    /// The page of one measure or warning: definition, how to read it, when it is undefined
    Explain {
        /// Id of the measure, such as `cka`, or code of the warning, such as `IR010`
        #[arg(value_name = "ID")]
        id: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// How many networks are trained
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(2..=20))]
    pub(crate) seeds: u64,
    /// How often each of them sees the training images
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) epochs: u64,
}

/// The two sides and how they are read.
#[derive(Debug, clap::Args)]
pub(crate) struct Inputs {
    /// The first network: a .npy, .npz or .safetensors file, a folder with one file a layer, or a model (.onnx)
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The second network, on the same inputs in the same order
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Layers of both: names, globs, positions, ranges, comma-separated; `!` takes back. Repeatable
    #[arg(long, value_name = "WHICH", allow_hyphen_values = true)]
    pub(crate) layers: Vec<String>,
    /// Layers of A only
    #[arg(long, value_name = "WHICH", conflicts_with = "layers", allow_hyphen_values = true)]
    pub(crate) layers_a: Vec<String>,
    /// Layers of B only
    #[arg(long, value_name = "WHICH", conflicts_with = "layers", allow_hyphen_values = true)]
    pub(crate) layers_b: Vec<String>,
    /// What the axes of an array are: nd, ntd, nchw or nhwc. Needed for three axes and more
    #[arg(long, value_name = "AXES", default_value = "auto")]
    pub(crate) layout: isorep_io::Layout,
    /// What becomes of positions: flatten, mean, max, first, last, positions, positions(500)
    #[arg(long, value_name = "HOW")]
    pub(crate) pool: Option<String>,
    /// Which rows meet: those in the same place, or those whose files give them the same id
    #[arg(long, value_enum, default_value_t = AlignBy::Position)]
    pub(crate) align_by: AlignBy,
    /// Which layers meet: those of the same name, or every one with every other
    #[arg(long, value_enum, default_value_t = Pairs::Auto)]
    pub(crate) pairs: Pairs,
    #[command(flatten)]
    pub(crate) fed: Fed,
}

/// What models are run on.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Where A or B is a model (.onnx)")]
pub(crate) struct Fed {
    /// What it is run on: an .npy for a model with one input, else an .npz with an array for each, by name
    #[arg(long, value_name = "FILE")]
    pub(crate) inputs: Option<PathBuf>,
    /// How many inputs are run at a time; 16 if not given. Numbers of a model that quantises while it runs depend on it
    #[arg(long, value_name = "N")]
    pub(crate) batch: Option<NonZeroUsize>,
}

impl Fed {
    pub(crate) fn batch(&self) -> usize {
        self.batch.map_or(isorep_onnx::BATCH, NonZeroUsize::get)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlignBy {
    /// Row i of both sides; ids that differ are refused
    Position,
    /// The inputs that both sides have, in the order of A
    Id,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pairs {
    /// By name if both sides have the same names, else all
    Auto,
    /// Each layer with the one of the same name
    Aligned,
    /// Every layer with every other
    All,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// A measure, with options in parentheses: `cka`, `cka(estimator=gretton)`; `all` for every one. Repeatable
    #[arg(short, long = "measure", value_name = "MEASURE")]
    pub(crate) measures: Vec<String>,
    /// Row i of A and of B need not be the same input, and their numbers may differ: only measures that do not ask for
    /// that, all of them if none is named
    #[arg(long, conflicts_with_all = ["labels", "groups", "input"])]
    pub(crate) unaligned: bool,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
}

/// What is found out about every number.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What each number is worth")]
pub(crate) struct Evidence {
    /// Bare numbers: no permutations, intervals, warnings or verdict
    #[arg(long, conflicts_with_all = ["permutations", "permute", "floor", "ceiling", "suppress"])]
    pub(crate) plain: bool,
    /// Orders of the inputs for chance levels that no closed form gives; 99 for up to 16 pairs of layers, else 0
    #[arg(long, value_name = "N")]
    pub(crate) permutations: Option<usize>,
    /// Which orders are as good as the one found, if the inputs depend on each other
    #[arg(long, value_enum, default_value_t = Permute::Free)]
    pub(crate) permute: Permute,
    /// What the interval is over: other inputs, or other neurons of the same layers, as where only some were recorded
    #[arg(long, value_enum, default_value_t = IntervalOver::Inputs)]
    pub(crate) interval_over: IntervalOver,
    /// What the sides should be more alike than: `input=FILE` for what both networks were fed, `untrained=FILE` for an
    /// untrained twin, or any other name. Layers are found by name, or the only one is taken. Repeatable
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) floor: Vec<String>,
    /// What is as alike as can be expected: `repeat=FILE` for the same network again, `seed=FILE` for another seed of it.
    /// Repeatable
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) ceiling: Vec<String>,
    /// Warnings to leave out, by code: IR003,IR006. Repeatable
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) suppress: Vec<isorep::reading::warnings::Code>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IntervalOver {
    /// One twentieth of the inputs is left out after the other
    Inputs,
    /// One twentieth of the neurons of both sides is left out after the other
    Neurons,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Permute {
    /// Any order
    Free,
    /// Inputs stay in their group (--groups)
    Within,
    /// Groups move as a whole (--groups): inputs of a group depend on each other, as frames of one recording do
    Blocks,
    /// Shifts around the end: each input depends on the one before
    Shift,
}

/// What belongs to the inputs rather than to either network.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is known of the inputs")]
pub(crate) struct Known {
    /// The class of every input, in their order: integers (k where column k of an output stands for the class) or names.
    /// A .npy, a .csv or .txt with one a line, or the array `labels` of an .npz or .safetensors (FILE:NAME for another)
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Which inputs belong together, such as repetitions of one: integers or names as for --labels, array `groups`
    #[arg(long, value_name = "FILE")]
    pub(crate) groups: Option<PathBuf>,
    /// What both networks were fed, read like A and B and flattened: its first array, or FILE:LAYER
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Match {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Relative error at which the match is reported; the curve over all of them is reported too
    #[arg(long, default_value_t = 0.25)]
    pub(crate) epsilon: f64,
    /// What becomes of neurons that are zero on every input
    #[arg(long, value_enum, default_value_t = Zero::Unmatched)]
    pub(crate) zero_neurons: Zero,
    /// Subtract the mean of every neuron first
    #[arg(long)]
    pub(crate) center: bool,
    /// Also list the simple matches: the smallest sets of neurons that hold each other up
    #[arg(long)]
    pub(crate) minimal: bool,
    /// Draws that are averaged where positions are drawn
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) draws: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Zero {
    /// Counted, never matched: as the code released with the paper
    Unmatched,
    /// Matched at every ε: as the inequality of the paper
    Matched,
    /// Left out
    Excluded,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sweep {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// A measure, with its other options in parentheses
    #[arg(short, long = "measure", value_name = "MEASURE")]
    pub(crate) measure: String,
    /// What changes: `k=2,5,10,20`, an option of the measure and its values; `n=100,200,400` for the number of inputs
    #[arg(long, value_name = "OPTION=V1,V2,…")]
    pub(crate) over: String,
    /// Orders of the inputs for chance levels that no closed form gives
    #[arg(long, default_value_t = 99, value_name = "N")]
    pub(crate) permutations: usize,
    #[command(flatten)]
    pub(crate) known: Known,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ladder {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Parts the inputs are cut into, each held out once
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..=1000))]
    pub(crate) folds: u64,
    /// Permutations behind each chance level
    #[arg(long, default_value_t = 20)]
    pub(crate) permutations: usize,
    /// Most inputs for the curved maps, whose time grows with their cube
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub(crate) kernel_inputs: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Parity {
    /// What it should be: a model (.onnx), or a file or folder of activations
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// What it is, on the same inputs in the same order
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Only these layers: names, globs, positions, ranges, comma-separated; `!` takes back. Repeatable
    #[arg(long, value_name = "WHICH", allow_hyphen_values = true)]
    pub(crate) layers: Vec<String>,
    /// A layer diverges if the relative error of its median input is above this; 0.05 is a signal-to-noise ratio of 26 dB
    #[arg(long, default_value_t = 0.05, value_name = "ERROR", value_parser = tolerance)]
    pub(crate) tolerance: f64,
    /// A repetition of A, such as another seed or machine: what differs no more than that does not diverge
    #[arg(long, value_name = "FILE")]
    pub(crate) floor: Option<PathBuf>,
    /// How many times the error of the repetition a layer may have
    #[arg(long, default_value_t = 3.0, value_name = "TIMES", value_parser = tolerance, requires = "floor")]
    pub(crate) times_floor: f64,
    /// End with exit code 1 if a layer diverges
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) fed: Fed,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "expected a number that is not negative".into())
}

#[derive(Debug, clap::Args)]
#[allow(clippy::struct_field_names)] // the option has one name wherever it stands
pub(crate) struct Layers {
    /// A model (.onnx), or a file or folder of activations
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// Only these: names, globs, positions, ranges, comma-separated; `!` takes back. Repeatable
    #[arg(long, value_name = "WHICH", allow_hyphen_values = true)]
    pub(crate) layers: Vec<String>,
    /// Run the first inputs of this file, to tell shapes that the model leaves open
    #[arg(long, value_name = "FILE")]
    pub(crate) inputs: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Capture {
    /// The model (.onnx)
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// Layers to save: names, globs, positions, ranges, comma-separated; `!` takes back; all if not given. Repeatable
    #[arg(long, value_name = "WHICH", allow_hyphen_values = true)]
    pub(crate) layers: Vec<String>,
    /// What the axes of a layer are: nd, ntd, nchw or nhwc. Needed for pooling
    #[arg(long, value_name = "AXES", default_value = "auto")]
    pub(crate) layout: isorep_io::Layout,
    /// What becomes of positions: flatten, mean, max, first, last; kept as they are if not given
    #[arg(long, value_name = "HOW")]
    pub(crate) pool: Option<isorep_io::Pooling>,
    #[command(flatten)]
    pub(crate) fed: Fed,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        super::Args::command().debug_assert();
    }
}
