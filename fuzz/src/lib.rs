//! What every target does with its bytes: list them, read all of it, and prepare it in every way.

use isorep_io::{Format, Layout, Pooling, Trace, prepare};

/// Any outcome is fine except a panic, a crash, a hang, or running out of memory.
pub fn exercise(format: Format, bytes: &[u8]) {
    let Ok(trace) = Trace::from_bytes("fuzzed", format, bytes.to_vec()) else { return };
    for layer in trace.layers() {
        let Ok(tensor) = layer.read() else { continue };
        assert_eq!(tensor.shape(), layer.shape());
        for layout in Layout::ALL {
            for pooling in [Pooling::Flatten, Pooling::Mean, Pooling::Max, Pooling::Last, Pooling::POSITIONS] {
                if let Ok(prepared) = prepare(&tensor, layout, Some(pooling)) {
                    assert!(prepared.representation.n() > 0 && prepared.representation.d() > 0);
                }
            }
        }
    }
}
