"""What the server writes below FOVEA_DATA is for its own account alone, whatever the shell's umask was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OTHERS = 0o077
STORE = """
from django.core.management import call_command
call_command("initialise")
call_command("demo", slices=1, size=16)
"""


def run(*command: str, data: Path, **settings: str) -> str:
    environment = os.environ | {"FOVEA_DATA": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"} | settings
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True, umask=0o022
    )
    return done.stdout


@pytest.mark.one_database
def test_a_command_writes_for_nobody_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run("manage.py", "shell", "--no-imports", "-c", STORE, data=data)
    written = [data, *data.rglob("*")]
    assert {"fovea.sqlite3", "objects", "secret_key"} <= {path.name for path in written}
    assert any(path.is_file() for path in (data / "objects").rglob("*"))
    assert not [path for path in written if path.stat().st_mode & OTHERS]


@pytest.mark.one_database
def test_the_web_server_does_the_same(tmp_path: Path) -> None:
    assert run("-c", "import os, config.wsgi; print(oct(os.umask(0)))", data=tmp_path).strip() == "0o77"


@pytest.mark.one_database
def test_the_static_files_are_for_everybody(tmp_path: Path) -> None:
    static = tmp_path / "static"
    of_others = ("admin", "allauth", "drf_spectacular_sidecar", "mfa", "rest_framework", "unfold", "account")
    others = [f"--ignore={name}" for name in of_others]
    run("manage.py", "collectstatic", "--no-input", *others, data=tmp_path / "data", FOVEA_STATIC_ROOT=str(static))
    collected = [static, *static.rglob("*")]
    assert any(path.suffix == ".gz" for path in collected)
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in collected)
