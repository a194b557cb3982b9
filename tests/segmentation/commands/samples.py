"""A program as sites have them, that stands for TotalSegmentator and its like: NIfTI in, NIfTI labels out."""

import json
import sys
from pathlib import Path
from typing import Any

# Calls 1 what is above 100, 2 what is above 300; what it does otherwise is told by its first argument.
PROGRAM = """#!{python} -I
import gzip, os, struct, subprocess, sys, time
how, given, wanted = sys.argv[1:4]
if how == "fails":
    sys.exit(3)
if how == "hangs":
    subprocess.Popen(["sleep", "600"])
    open(os.path.join(sys.argv[4], "begun"), "w").write(str(os.getpgid(0)))
    time.sleep(600)
data = bytearray(gzip.open(given).read())
header, voxels = data[:352], struct.unpack("<%dh" % ((len(data) - 352) // 2), data[352:])
labels = bytes((value > 100) + (value > 300) for value in voxels)
struct.pack_into("<2h", header, 70, 2, 8)
if how == "elsewhere":
    struct.pack_into("<f", header, 280 + 12, 900.0)
if how == "environment":
    assert sorted(os.environ) == ["HOME", "LANG", "PATH", "THREADS", "TMPDIR"], os.environ
if how == "garbage":
    header, labels = b"", b"nothing of the kind"
gzip.open(wanted, "wb").write(bytes(header) + labels)
"""


def program(folder: Path) -> Path:
    path = folder / "segment"
    path.write_text(PROGRAM.format(python=sys.executable))
    path.chmod(0o755)
    return path


def command(path: Path, how: str = "works", **changes: Any) -> dict[str, Any]:
    """An entry of the site's file."""
    return {
        "name": "organs", "title": "Two organs", "version": "2.1", "minutes": 1, "modalities": ["CT"],
        "arguments": [str(path), how, "{input}", "{output}", "{folder}"], "environment": {"THREADS": "1"},
        "segments": {"1": "liver", "2": {"label": "Left kidney", "colour": [10, 20, 30]}},
    } | changes  # fmt: skip


def write_commands(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"commands": list(entries)}))
    return path
