"""Records what onnxruntime computes for every floating-point value inside the models of `models.json`.

A value has thousands of numbers; kept are its shape, its norm, and its sum with signs that depend on the place of each
number. Two computations that agree in both, relative to the norm, agree in the value.

    python record.py FOLDER      (the folder that fetch.py filled)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

HERE = Path(__file__).resolve().parent
DTYPES = {"f32": np.float32, "i64": np.int64}


def hashed(count: int) -> np.ndarray:
    """64 bits for each place: the finaliser of SplitMix64, which the Rust test has too."""
    with np.errstate(over="ignore"):
        z = (np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def array(spec: dict) -> np.ndarray:
    count = int(np.prod(spec["shape"]))
    if spec["fill"] == "constant":
        numbers = np.full(count, spec["value"])
    elif spec["fill"] == "below":
        numbers = (hashed(count) >> np.uint64(40)) % np.uint64(spec["limit"])
    else:
        numbers = ((hashed(count) >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - 1) * np.float32(spec["scale"])
    return numbers.astype(DTYPES[spec["dtype"]]).reshape(spec["shape"])


def feeds(model: dict, session: ort.InferenceSession) -> dict:
    arrays = {name: array(spec) for name, spec in model["inputs"].items()}
    # A scalar is written down as an array of one element.
    return {i.name: arrays[i.name].reshape(i.shape if i.shape == [] else arrays[i.name].shape) for i in session.get_inputs()}


def record(model: dict, folder: Path) -> dict:
    proto = onnx.load(folder / f"{model['name']}.onnx")
    known = {output.name for output in proto.graph.output}
    names = [name for node in proto.graph.node for name in node.output if name and node.op_type != "Constant"]
    for name in names:
        if name not in known:
            proto.graph.output.append(onnx.ValueInfoProto(name=name))
    options = ort.SessionOptions()
    # As the file has it: nothing is fused.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = {}
    for name, value in zip(names, session.run(names, feeds(model, session))):
        if value.dtype != np.float32 or value.size == 0 or not np.isfinite(value).all():
            continue
        flat = value.astype(np.float64).ravel()
        signs = 1.0 - 2.0 * (hashed(flat.size) & np.uint64(1)).astype(np.float64)
        values[name] = [list(value.shape), float(np.linalg.norm(flat)), float(signs @ flat)]
    return {"name": model["name"], "values": values}


if __name__ == "__main__":
    models = json.loads((HERE / "models.json").read_text())
    recorded = {
        "tool": "onnxruntime",
        "version": version("onnxruntime"),
        "script": "onnx/record.py",
        "models": [record(model, Path(sys.argv[1])) for model in models],
    }
    lines = []
    for model in recorded.pop("models"):
        entries = [f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in model["values"].items()]
        lines.append(f'  {{"name": {json.dumps(model["name"])}, "values": {{\n' + ",\n".join(entries) + "\n  }}")
        print(model["name"], len(model["values"]))
    head = ", ".join(f'{json.dumps(key)}: {json.dumps(value)}' for key, value in recorded.items())
    (HERE / "values.json").write_text("{" + head + ', "models": [\n' + ",\n".join(lines) + "\n]}\n")
