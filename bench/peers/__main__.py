"""One peer in one process: `python -m peers --work ID --implementation NAME --arrays FOLDER --threads N`.

Prints one JSON line about its libraries, then one for each repetition. `--repeat K` runs K of them; without it, one is
run for each line that arrives on standard input, so that the caller can interleave several processes. Only the call is
timed: the arrays are in memory, in the stored precision, and no result of an earlier repetition is kept.
"""

import argparse
import gc
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

MODULES = {
    "cka-linear": "cka",
    "cka-debiased": "cka",
    "cca": "cca",
    "svcca": "cca",
    "pwcca": "cca",
    "procrustes": "procrustes",
    "ridge-cv": "ridge",
    "rsa-spearman": "rsa",
    "cka-rbf": "kernel",
    "cka-calibrated": "calibration",
    "mutual-knn": "neighbors",
    "match-path": "match",
    "match-chain": "match",
    "rtd": "topology",
    "rtd-lite": "topology",
    "cka-grid": "grid",
    "grid-products": "grid",
}


def libraries():
    from importlib.metadata import PackageNotFoundError, version

    import threadpoolctl

    found = {"python": platform.python_version()}
    for name in ("numpy", "scipy", "scikit-learn", "torch", "pytorch-cka", "torch-cka", "ripser", "rsatoolbox", "faiss-cpu", "calibrated-similarity"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    pools = [
        {key: pool.get(key) for key in ("internal_api", "prefix", "version", "architecture", "num_threads")}
        for pool in threadpoolctl.threadpool_info()
    ]
    return {"versions": found, "thread_pools": pools}


def main():
    parser = argparse.ArgumentParser(prog="peers")
    parser.add_argument("--work", required=True, choices=MODULES)
    parser.add_argument("--implementation")
    parser.add_argument("--arrays", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int)
    parser.add_argument("--list", action="store_true", help="print the names of the implementations and stop")
    options = parser.parse_args()

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before anything loads a BLAS

    implementations = importlib.import_module(f"peers.{MODULES[options.work]}").IMPLEMENTATIONS[options.work]
    if options.list:
        for name in implementations:
            if ("torch" in name or name == "pytorch-cka") and importlib.util.find_spec("torch") is None:
                continue
            print(name)
        return
    run = implementations[options.implementation]

    import numpy as np

    arrays = [np.load(path) for path in sorted(options.arrays.glob("*.npy"))]
    n, d = arrays[0].shape
    fixed = {
        "work": options.work,
        "n": n,
        "d": d,
        "dtype": {"float32": "f32", "float64": "f64"}[str(arrays[0].dtype)],
        "threads": options.threads,
        "implementation": options.implementation,
    }
    if "torch" in options.implementation or options.implementation == "pytorch-cka":
        import torch

        torch.set_num_threads(options.threads)
        arrays = [torch.from_numpy(a) for a in arrays]

    print(json.dumps(libraries()), flush=True)
    requests = range(options.repeat) if options.repeat is not None else sys.stdin
    for _ in requests:
        gc.collect()
        start = time.perf_counter()
        value = run(*arrays)
        seconds = time.perf_counter() - start
        print(json.dumps({**fixed, "seconds": seconds, "value": float(value)}), flush=True)


main()
