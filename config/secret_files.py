"""Secrets that a site need not choose: made once, and kept beside its data."""

import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import env


def kept(name: str, file: Path) -> str:
    """The environment variable's value, else what the file holds, which is made for its owner's eyes alone.

    Processes that start at once agree: the file appears whole, and the first one stays. Raises ImproperlyConfigured for
    a file that others can read.
    """
    if given := env.text(name):
        return given
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = file.with_name(f".{file.name}-{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as content:
            content.write(secrets.token_urlsafe(50))
        _keep_first(new, file)
    _check_mode(file)
    return file.read_text(encoding="utf-8")


def _keep_first(new: Path, file: Path) -> None:
    try:
        os.link(new, file)
    except FileExistsError:
        return
    finally:
        new.unlink()


def _check_mode(file: Path) -> None:
    if file.stat().st_mode & stat.S_IRWXO:
        raise ImproperlyConfigured(
            f"Every user of this machine can read {file}, a secret that Fovea signs with. Type `chmod o= {file}`."
        )
