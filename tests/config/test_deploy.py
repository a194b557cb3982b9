"""What `manage.py check` says of a site's settings, secrets and files."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {"FOVEA_HTTPS": "1", "FOVEA_PUBLIC_URL": "https://fovea.example.org"}


def check(data: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"FOVEA_DATA": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"} | settings
    command = [sys.executable, "manage.py", "check", "--tag", "security", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_site_in_production_has_no_warning(tmp_path: Path) -> None:
    done = check(tmp_path / "data", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_a_site_without_https_is_warned(tmp_path: Path) -> None:
    assert "security.W008" in check(tmp_path / "data", "--deploy").stderr


def test_a_secret_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret")
    secret.chmod(0o644)
    done = check(tmp_path / "data", FOVEA_METRICS_TOKEN_FILE=str(secret))
    assert "The file that FOVEA_METRICS_TOKEN_FILE names can be read by every user" in done.stderr
    secret.chmod(0o640)
    assert "FOVEA_METRICS_TOKEN_FILE" not in check(tmp_path / "data", FOVEA_METRICS_TOKEN_FILE=str(secret)).stderr


def test_data_that_others_can_read_are_warned_of(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    tmp_path.chmod(0o755)
    (tmp_path / "objects").chmod(0o755)
    assert "FOVEA_DATA, with patients' data in it, can be read" in check(tmp_path).stderr
    (tmp_path / "objects").chmod(0o700)
    assert "FOVEA_DATA" not in check(tmp_path).stderr


def test_a_signing_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    assert check(tmp_path).returncode == 0
    secret = tmp_path / "secret_key"
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.chmod(0o644)
    done = check(tmp_path)
    assert done.returncode != 0
    assert f"chmod o= {secret}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_secret_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = check(tmp_path / "data", FOVEA_SECRET_KEY_FILE=str(tmp_path / "gone"))
    assert done.returncode != 0
    assert "FOVEA_SECRET_KEY_FILE names" in done.stderr
    assert "Traceback" not in done.stderr
