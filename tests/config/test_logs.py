"""What the server writes to standard error has no patient's data in it, whoever writes it."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import django
django.setup()
from pydicom.dataset import Dataset
Dataset.from_json({"00100030": {"vr": "DA", "Value": ["xyzzy"]}, "00100010": {"vr": "CS", "Value": ["x" * 99]}})
Dataset().add_new(0x00100030, "DA", "xyzzy")
"""


def test_values_that_pydicom_finds_strange_are_not_written(tmp_path: Path) -> None:
    told = {"DJANGO_SETTINGS_MODULE": "config.settings", "FOVEA_DATA": str(tmp_path), "FOVEA_SECRET_KEY": "x" * 50}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=root, env={**os.environ, **told}, capture_output=True, check=True
    )
    assert done.stderr == b""
