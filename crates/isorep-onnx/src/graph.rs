//! What is in an ONNX file, as far as it matters here: which values there are, which operator makes each, which of them
//! are constants or other names of a value, and what the model is fed.
//!
//! Read at the level of the wire format, and checked on the way: sizes of tensors against the bytes that are there,
//! depth of nesting, names. Numbers of weights are not looked at.

use crate::element::Element;
use crate::wire::{Fields, Payload, Result};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Bodies of `If` and `Loop` inside bodies: real models have two or three levels.
const DEEPEST: usize = 16;
/// Operators that make different values each time, so that no inputs do not make a constant.
const RANDOM: [&str; 5] =
    ["RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial"];

/// Sizes of the axes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// Always this size.
    Fixed(usize),
    /// Any size; the name that the model gives it, if it does.
    Dynamic(Option<String>),
}

/// A value that the model is fed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Type of its numbers.
    pub element: Element,
    /// Sizes of its axes, if the model says how many there are.
    pub shape: Option<Vec<Dimension>>,
}

/// A value that an operator makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its name: what layers are called here, as nodes are often without one.
    pub name: String,
    /// The operator that makes it, such as `Conv`.
    pub operator: String,
    /// The name of the node, which may be empty.
    pub node: String,
    /// The value that this is another name of.
    pub alias_of: Option<String>,
    /// Whether it does not depend on what the model is fed.
    pub is_constant: bool,
    /// Whether it is an output of the model.
    pub is_output: bool,
    /// Type of its numbers, if the file says so.
    pub element: Option<Element>,
    /// Sizes of its axes, if the file says so.
    pub shape: Option<Vec<Dimension>>,
}

/// What is in the file.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) inputs: Vec<Input>,
    /// In the order of the file, which is one in which they can be computed.
    pub(crate) values: Vec<Value>,
    /// Names of the outputs, in order.
    pub(crate) outputs: Vec<String>,
    /// Where each input stands among the declared ones, which may include weights.
    pub(crate) positions: Vec<usize>,
    /// Files that hold weights.
    pub(crate) external: Vec<String>,
    /// Names inside of bodies of control flow, and the operator that has the body.
    pub(crate) hidden: Vec<(String, String)>,
    /// Types of operators, for errors.
    pub(crate) operators: HashSet<String>,
    /// Half precision or another type that cannot be run, and where it was seen.
    pub(crate) unsupported: Option<(Element, String)>,
}

struct Declared {
    name: String,
    element: Option<Element>,
    shape: Option<Vec<Dimension>>,
}

struct Node {
    name: String,
    operator: String,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// The fields of one graph.
#[derive(Default)]
struct Parts {
    nodes: Vec<Node>,
    weights: HashSet<String>,
    inputs: Vec<Declared>,
    outputs: Vec<Declared>,
    infos: HashMap<String, (Option<Element>, Option<Vec<Dimension>>)>,
}

/// Where the graph is in the bytes of a model, tag included, and its bytes.
pub(crate) fn locate(model: &[u8]) -> Result<(Range<usize>, &[u8])> {
    let (mut found, mut has_version) = (None, false);
    for field in Fields::of(model) {
        let field = field?;
        if field.number == 1 {
            has_version = matches!(field.payload, Payload::Number(_));
        } else if field.number == 7 {
            let graph = field.payload.bytes()?;
            if found.replace((field.range, graph)).is_some() {
                return Err("it holds two graphs".into());
            }
        }
    }
    match found {
        Some(found) if has_version => Ok(found),
        Some(_) => Err("it does not say which version of ONNX it is".into()),
        None => Err("it holds no graph".into()),
    }
}

impl Graph {
    pub(crate) fn of(model: &[u8]) -> Result<Self> {
        let (_, bytes) = locate(model)?;
        let mut graph = Self::default();
        let parts = graph.parts(bytes, 0, None)?;
        graph.take(parts)?;
        Ok(graph)
    }

    /// Reads the fields of a graph; what is nested in them is read too, so that damage there is found.
    fn parts(&mut self, bytes: &[u8], depth: usize, body_of: Option<&str>) -> Result<Parts> {
        if depth > DEEPEST {
            return Err(format!("its bodies are nested more than {DEEPEST} deep"));
        }
        let mut parts = Parts::default();
        for field in Fields::of(bytes) {
            let field = field?;
            match field.number {
                1 => {
                    let node = self.node(field.payload.bytes()?, depth)?;
                    if let Some(operator) = body_of {
                        self.hidden
                            .extend(node.outputs.iter().map(|name| (name.clone(), operator.to_owned())));
                    }
                    parts.nodes.push(node);
                }
                5 => {
                    parts.weights.insert(self.tensor(field.payload.bytes()?)?);
                }
                11 => parts.inputs.push(declared(field.payload.bytes()?)?),
                12 => parts.outputs.push(declared(field.payload.bytes()?)?),
                13 => {
                    let Declared { name, element, shape } = declared(field.payload.bytes()?)?;
                    parts.infos.insert(name, (element, shape));
                }
                15 => return Err("it has sparse weights, which are not supported".into()),
                _ => {}
            }
        }
        Ok(parts)
    }

    fn node(&mut self, bytes: &[u8], depth: usize) -> Result<Node> {
        let mut node =
            Node { name: String::new(), operator: String::new(), inputs: Vec::new(), outputs: Vec::new() };
        let mut attributes = Vec::new();
        for field in Fields::of(bytes) {
            let field = field?;
            match field.number {
                1 => node.inputs.push(field.payload.text()?),
                2 => node.outputs.push(field.payload.text()?),
                3 => node.name = field.payload.text()?,
                4 => node.operator = field.payload.text()?,
                5 => attributes.push(field.payload.bytes()?),
                _ => {}
            }
        }
        for attribute in attributes {
            for field in Fields::of(attribute) {
                let field = field?;
                match field.number {
                    5 | 10 => {
                        self.tensor(field.payload.bytes()?)?;
                    }
                    6 | 11 => {
                        let operator = node.operator.clone();
                        self.parts(field.payload.bytes()?, depth + 1, Some(&operator))?;
                    }
                    _ => {}
                }
            }
        }
        self.operators.insert(node.operator.clone());
        Ok(node)
    }

    /// The name of a tensor whose size agrees with its bytes.
    fn tensor(&mut self, bytes: &[u8]) -> Result<String> {
        let (mut name, mut dims, mut element, mut raw) = (String::new(), Vec::new(), 0, None);
        let (mut location, mut external) = (None, false);
        for field in Fields::of(bytes) {
            let field = field?;
            match field.number {
                1 => dims.extend(field.payload.numbers()?),
                2 => element = field.payload.number()?,
                8 => name = field.payload.text()?,
                9 => raw = Some(field.payload.bytes()?.len()),
                13 => {
                    let (key, value) = entry(field.payload.bytes()?)?;
                    if key == "location" {
                        location = Some(value);
                    }
                }
                14 => external = field.payload.number()? == 1,
                _ => {}
            }
        }
        let count = dims
            .iter()
            .try_fold(1_usize, |count, &size| count.checked_mul(usize::try_from(size).ok()?))
            .filter(|count| isize::try_from(count.saturating_mul(8)).is_ok())
            .ok_or_else(|| {
                format!("the shape {dims:?} of the weights `{name}` is more than memory can hold")
            })?;
        let element = Element::of(element);
        if !element.can_be_a_weight() && self.unsupported.is_none() {
            self.unsupported = Some((element, format!("the weights `{name}`")));
        }
        if let (Some(raw), Some(width), false) = (raw, element.width(), external)
            && count.checked_mul(width) != Some(raw)
        {
            return Err(format!("the weights `{name}` of shape {dims:?} have {raw} bytes"));
        }
        if external {
            let location = location.ok_or_else(|| format!("the weights `{name}` are in no file"))?;
            if !self.external.contains(&location) {
                self.external.push(location);
            }
        }
        Ok(name)
    }

    /// Makes values of the fields of the main graph.
    fn take(&mut self, parts: Parts) -> Result<()> {
        for (position, declared) in parts.inputs.into_iter().enumerate() {
            // Old models declare their weights as inputs with a default.
            if parts.weights.contains(&declared.name) {
                continue;
            }
            if declared.name.is_empty() {
                return Err("an input has no name".into());
            }
            let element = declared.element.unwrap_or(Element::of(0));
            self.inputs.push(Input { name: declared.name, element, shape: declared.shape });
            self.positions.push(position);
        }
        let fed: HashSet<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
        let mut constants: HashSet<String> = parts.weights.iter().cloned().collect();
        let mut made: HashSet<String> = HashSet::new();
        let mut aliases: HashMap<String, String> = HashMap::new();
        let outputs: HashMap<&str, &Declared> =
            parts.outputs.iter().map(|output| (output.name.as_str(), output)).collect();
        for node in &parts.nodes {
            let inputs = || node.inputs.iter().filter(|name| !name.is_empty());
            let is_random = RANDOM.contains(&node.operator.as_str());
            let is_constant = !is_random && !has_body(node) && inputs().all(|name| constants.contains(name));
            for name in node.outputs.iter().filter(|name| !name.is_empty()) {
                if !made.insert(name.clone()) || parts.weights.contains(name) || fed.contains(name.as_str()) {
                    return Err(format!("two operators or weights are called `{name}`"));
                }
                if is_constant {
                    constants.insert(name.clone());
                }
                let alias_of = (node.operator == "Identity")
                    .then(|| inputs().next())
                    .flatten()
                    .map(|source| aliases.get(source).cloned().unwrap_or_else(|| source.clone()));
                if let Some(source) = &alias_of {
                    aliases.insert(name.clone(), source.clone());
                }
                let output = outputs.get(name.as_str());
                let known = output
                    .map(|output| (output.element, output.shape.clone()))
                    .or_else(|| parts.infos.get(name).cloned());
                let (element, shape) = known.unwrap_or_default();
                self.values.push(Value {
                    name: name.clone(),
                    operator: node.operator.clone(),
                    node: node.name.clone(),
                    alias_of,
                    is_constant,
                    is_output: output.is_some(),
                    element,
                    shape,
                });
            }
        }
        self.outputs = parts.outputs.into_iter().map(|output| output.name).collect();
        Ok(())
    }
}

/// Operators with bodies see more than their inputs: the body may read any value of the graph around it.
fn has_body(node: &Node) -> bool {
    matches!(node.operator.as_str(), "If" | "Loop" | "Scan")
}

/// A key and a value.
fn entry(bytes: &[u8]) -> Result<(String, String)> {
    let (mut key, mut value) = (String::new(), String::new());
    for field in Fields::of(bytes) {
        let field = field?;
        match field.number {
            1 => key = field.payload.text()?,
            2 => value = field.payload.text()?,
            _ => {}
        }
    }
    Ok((key, value))
}

/// A name with its type and shape.
fn declared(bytes: &[u8]) -> Result<Declared> {
    let mut declared = Declared { name: String::new(), element: None, shape: None };
    for field in Fields::of(bytes) {
        let field = field?;
        match field.number {
            1 => declared.name = field.payload.text()?,
            2 => {
                for kind in Fields::of(field.payload.bytes()?) {
                    let kind = kind?;
                    // Anything but a tensor (a sequence, a map) stays without a type.
                    if kind.number == 1 {
                        (declared.element, declared.shape) = tensor_type(kind.payload.bytes()?)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(declared)
}

fn tensor_type(bytes: &[u8]) -> Result<(Option<Element>, Option<Vec<Dimension>>)> {
    let (mut element, mut shape) = (None, None);
    for field in Fields::of(bytes) {
        let field = field?;
        match field.number {
            1 => element = Some(Element::of(field.payload.number()?)),
            2 => {
                let mut axes = Vec::new();
                for axis in Fields::of(field.payload.bytes()?) {
                    let axis = axis?;
                    if axis.number == 1 {
                        axes.push(dimension(axis.payload.bytes()?)?);
                    }
                }
                shape = Some(axes);
            }
            _ => {}
        }
    }
    Ok((element, shape))
}

fn dimension(bytes: &[u8]) -> Result<Dimension> {
    let mut dimension = Dimension::Dynamic(None);
    for field in Fields::of(bytes) {
        let field = field?;
        dimension = match field.number {
            // Some exporters write −1 or 0 where a size is open.
            1 => match i64::from_ne_bytes(field.payload.number()?.to_ne_bytes()) {
                size if size > 0 => Dimension::Fixed(usize::try_from(size).unwrap_or(usize::MAX)),
                _ => Dimension::Dynamic(None),
            },
            2 => Dimension::Dynamic(Some(field.payload.text()?).filter(|name| !name.is_empty())),
            _ => dimension,
        };
    }
    Ok(dimension)
}
