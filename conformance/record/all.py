"""Records everything again: `python record/all.py [script …]`. A script whose package is not installed is reported
and leaves its values as they are."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALL = ["inputs.py", "from_formulas.py", *sorted(p.name for p in HERE.glob("from_*.py") if p.name != "from_formulas.py")]
ALL.append("unlabelled.py")

failed = []
for script in sys.argv[1:] or ALL:
    done = subprocess.run([sys.executable, HERE / script], capture_output=True, text=True)
    sys.stdout.write(done.stdout)
    if "ModuleNotFoundError" in done.stderr:
        print(f"{script}: skipped, {done.stderr.strip().splitlines()[-1]}")
    elif done.returncode != 0:
        sys.stderr.write(done.stderr)
        failed.append(script)
if failed:
    sys.exit(f"failed: {', '.join(failed)}")
