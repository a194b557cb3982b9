"""One server on one data folder: its lock, its metrics, its address, and what it says when it is ready."""

import fcntl
import http.client
import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.core.metrics import DIRECTORY_VARIABLE
from apps.ops.first_start import FirstUser

EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to

# Tells the parts which others run beside them.
PARTS_VARIABLE: Final = "FOVEA_PARTS"


class CannotServe(Exception):
    """Why the server can't start, and what to do."""


@contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Hold the data folder's lock. Raises CannotServe when another server holds it."""
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotServe(
                f"A server already runs on {data}. Stop it first, or name another folder by FOVEA_DATA."
            ) from None
        yield


def check_addresses(names: Sequence[str]) -> None:
    """Raises CannotServe when an address that these parts listen on can't be listened on."""
    if "web" in names:
        check_address(settings.HTTP_HOST, settings.HTTP_PORT, "FOVEA_HTTP")
    if "events" in names:
        check_address(settings.EVENTS_HOST, settings.EVENTS_PORT, "FOVEA_EVENTS")
    if "dicom" in names:
        check_address(settings.DIMSE_HOST, settings.DIMSE_PORT, "FOVEA_DIMSE")
        if settings.DIMSE_TLS:
            check_address(*settings.DIMSE_TLS, "FOVEA_DIMSE_TLS")
    if "hl7" in names:
        _check_hl7()


def _check_hl7() -> None:
    if not (settings.HL7 or settings.HL7_TLS):
        raise CannotServe("Say where HL7 messages are taken: FOVEA_HL7=127.0.0.1:2575, or FOVEA_HL7_TLS.")
    for address, setting in ((settings.HL7, "FOVEA_HL7"), (settings.HL7_TLS, "FOVEA_HL7_TLS")):
        if address:
            check_address(*address, setting)


def check_address(host: str, port: int, setting: str) -> None:
    """Raises CannotServe when the address, which that setting chooses, can't be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or error
            raise CannotServe(f"{host}:{port} can't be used: {reason}. Choose another by {setting}.") from error


def environment(data: Path, names: Sequence[str]) -> dict[str, str]:
    """The environment of these parts, with a fresh folder for the metrics that they share."""
    folder = data / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {**os.environ, DIRECTORY_VARIABLE: str(folder), PARTS_VARIABLE: ",".join(names), "PYTHONUNBUFFERED": "1"}


def base_url() -> str:
    """Where a person on this machine reaches the server."""
    if settings.PUBLIC_URL:
        return settings.PUBLIC_URL.rstrip("/")
    return _local_url()


def answers() -> bool:
    """Whether the web server answers."""
    asked = http.client.HTTPConnection(_local_host(), settings.HTTP_PORT, timeout=2)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def welcome(made: FirstUser | None, names: Sequence[str]) -> str:
    """What to open, where devices send to, and the first password where it was made up."""
    lines = ["", "Fovea is ready.", f"  viewer  {base_url()}/viewer/", f"  admin   {base_url()}/admin/"]
    lines += [*_dicom(names), *_hl7(names)]
    if made and made.password:
        lines.append(f"  sign in as {made.username} with the password {made.password} (shown this once)")
    elif made:
        lines.append(f"  sign in as {made.username} with the password you chose")
    return "\n".join([*lines, "Ctrl-C stops it.", ""])


def _dicom(names: Sequence[str]) -> list[str]:
    """Where the DICOM network is answered, if one of the parts does so."""
    if "dicom" not in names:
        return []
    host = "all addresses" if settings.DIMSE_HOST in EVERYWHERE else settings.DIMSE_HOST
    tls = f", by TLS on port {settings.DIMSE_TLS[1]}" if settings.DIMSE_TLS else ""
    return [f"  DICOM   AE title {settings.AE_TITLE} on {host}, port {settings.DIMSE_PORT}{tls}"]


def _hl7(names: Sequence[str]) -> list[str]:
    """Where HL7 messages are taken, if one of the parts does so."""
    if "hl7" not in names:
        return []
    said = ((settings.HL7, ""), (settings.HL7_TLS, " by TLS"))
    places = [f"{host}, port {port}{how}" for (host, port), how in ((at, how) for at, how in said if at)]
    return [f"  HL7     on {' and '.join(places)}"]


def _local_url() -> str:
    host = _local_host()
    return f"http://[{host}]:{settings.HTTP_PORT}" if ":" in host else f"http://{host}:{settings.HTTP_PORT}"


def _local_host() -> str:
    return EVERYWHERE.get(settings.HTTP_HOST, settings.HTTP_HOST)
