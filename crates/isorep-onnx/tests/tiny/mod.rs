//! Small ONNX models, written field by field, so that tests need neither a file nor Python. Field numbers are those of
//! `onnx.proto`.
#![allow(dead_code)] // several tests share this, and each uses a part of it

/// A message of fields.
#[derive(Clone, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(crate) fn number(mut self, field: u64, number: u64) -> Self {
        self.varint(field << 3);
        self.varint(number);
        self
    }

    pub(crate) fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(crate) fn message(self, field: u64, message: &Message) -> Self {
        self.bytes(field, &message.0)
    }

    pub(crate) fn all(mut self, field: u64, messages: &[Message]) -> Self {
        for message in messages {
            self = self.message(field, message);
        }
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

pub(crate) const F32: u64 = 1;
pub(crate) const I64: u64 = 7;
pub(crate) const BOOL: u64 = 9;
pub(crate) const F16: u64 = 10;

pub(crate) fn node(operator: &str, inputs: &[&str], outputs: &[&str], attributes: &[Message]) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node = node.text(1, input);
    }
    for output in outputs {
        node = node.text(2, output);
    }
    node.text(4, operator).all(5, attributes)
}

/// An attribute that is a whole number.
pub(crate) fn int(name: &str, value: u64) -> Message {
    Message::default().text(1, name).number(3, value).number(20, 2)
}

pub(crate) fn ints(name: &str, values: &[u64]) -> Message {
    let mut attribute = Message::default().text(1, name);
    for &value in values {
        attribute = attribute.number(8, value);
    }
    attribute.number(20, 7)
}

pub(crate) fn body(name: &str, graph: &Message) -> Message {
    Message::default().text(1, name).message(6, graph).number(20, 5)
}

pub(crate) fn weights(name: &str, shape: &[u64], numbers: &[f32]) -> Message {
    let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    tensor(name, shape, F32, &raw)
}

pub(crate) fn tensor(name: &str, shape: &[u64], element: u64, raw: &[u8]) -> Message {
    let mut tensor = Message::default();
    for &size in shape {
        tensor = tensor.number(1, size);
    }
    tensor.number(2, element).text(8, name).bytes(9, raw)
}

/// An input or output; sizes are numbers, or names of axes that are open.
pub(crate) fn value(name: &str, element: u64, shape: &[&str]) -> Message {
    let mut axes = Message::default();
    for size in shape {
        let axis = match size.parse() {
            Ok(size) => Message::default().number(1, size),
            Err(_) => Message::default().text(2, size),
        };
        axes = axes.message(1, &axis);
    }
    let tensor = Message::default().number(1, element).message(2, &axes);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}

pub(crate) fn graph(
    nodes: &[Message],
    weights: &[Message],
    inputs: &[Message],
    outputs: &[Message],
) -> Message {
    Message::default().all(1, nodes).text(2, "tiny").all(5, weights).all(11, inputs).all(12, outputs)
}

pub(crate) fn model(graph: &Message) -> Vec<u8> {
    let opset = Message::default().number(2, 17);
    Message::default().number(1, 8).message(7, graph).message(8, &opset).into_bytes()
}

/// Numbers that look like noise in −1 … 1; another sequence for each seed.
pub(crate) fn noise(count: usize, seed: u64) -> Vec<f32> {
    (0..count as u64)
        .map(|i| {
            let mut z =
                (i + (seed << 32)).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (((z ^ (z >> 31)) >> 40) as f32) / (1_u32 << 23) as f32 - 1.0
        })
        .collect()
}

/// A network of images of 2 × 4 × 4: convolution, ReLU, a second name, its flattened form, logits. `seed` makes the
/// weights; `shift` is added to every weight of the last layer.
pub(crate) fn convolutional(seed: u64, shift: f32) -> Vec<u8> {
    let nodes = [
        node(
            "Conv",
            &["x", "conv.w"],
            &["conv"],
            &[ints("kernel_shape", &[3, 3]), ints("pads", &[1, 1, 1, 1])],
        ),
        node("Relu", &["conv"], &["block/relu"], &[]),
        node("Identity", &["block/relu"], &["block/same"], &[]),
        node("Shape", &["x"], &["block/shape"], &[]),
        node("Flatten", &["block/same"], &["flat"], &[int("axis", 1)]),
        node("Mul", &["fc.w", "two"], &["fc.twice"], &[]),
        node("MatMul", &["flat", "fc.twice"], &["logits"], &[]),
        node("ReduceSum", &["logits", "first"], &["sums"], &[int("keepdims", 0)]),
    ];
    let mut last = noise(48 * 4, seed + 1);
    last.iter_mut().for_each(|weight| *weight += shift);
    let weights = [
        weights("conv.w", &[3, 2, 3, 3], &noise(54, seed)),
        weights("fc.w", &[48, 4], &last),
        weights("two", &[1], &[2.0]),
        tensor("first", &[1], I64, &0_i64.to_le_bytes()),
    ];
    let inputs = [value("x", F32, &["batch", "2", "4", "4"])];
    let outputs = [value("logits", F32, &["batch", "4"]), value("sums", F32, &["4"])];
    model(&graph(&nodes, &weights, &inputs, &outputs))
}
