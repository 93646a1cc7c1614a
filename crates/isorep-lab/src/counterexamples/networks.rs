//! Networks with one hidden layer, in double precision, to show that two of them compute the same function.

use isorep::Matrix;

/// output = Σ sign · hidden, hidden = inputs · weights, rectified or not.
#[derive(Debug, Clone, PartialEq)]
pub struct OneHiddenLayer {
    /// Inputs × hidden units.
    pub weights: Matrix,
    /// One number a hidden unit.
    pub read_out: Vec<f64>,
    /// Whether max(0, ·) follows the weights.
    pub relu: bool,
}

/// Two networks on the same inputs, each the source of one side of an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Twins {
    /// Samples × input coordinates.
    pub inputs: Matrix,
    /// The networks whose hidden layers are `x` and `y`.
    pub networks: [OneHiddenLayer; 2],
}

impl OneHiddenLayer {
    /// Samples × hidden units, for samples × input coordinates.
    ///
    /// # Panics
    /// If the number of coordinates is not that of the weights.
    pub fn hidden(&self, inputs: &Matrix) -> Matrix {
        assert_eq!(inputs.columns(), self.weights.rows());
        Matrix::from_fn(inputs.rows(), self.weights.columns(), |i, j| {
            let sum: f64 = self.weights.column(j).iter().enumerate().map(|(c, w)| w * inputs[(i, c)]).sum();
            if self.relu { sum.max(0.0) } else { sum }
        })
    }

    /// One output a sample.
    ///
    /// # Panics
    /// If the number of coordinates is not that of the weights.
    pub fn output(&self, inputs: &Matrix) -> Vec<f64> {
        let hidden = self.hidden(inputs);
        let one = |i| self.read_out.iter().enumerate().map(|(j, r)| r * hidden[(i, j)]).sum();
        (0..hidden.rows()).map(one).collect()
    }
}
