"""The scripts that go into an Orthanc, made ready with its address, source and secret."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.practice.models import Orthanc

PATH: Final = "/api/dental/dicom/webhook"
_FOLDER: Final = Path(__file__).parent / "scripts"


@dataclass(frozen=True, slots=True)
class Scripts:
    """What is pasted into an Orthanc: one for its Python plugin, and one in Lua, which every Orthanc understands."""

    python: str
    lua: str


def scripts(orthanc: Orthanc, secret: str, site: str) -> Scripts:
    """The scripts for an Orthanc that calls this server at `site`, such as https://fovea.example.org."""
    known = {"@@ADDRESS@@": site.rstrip("/") + PATH, "@@SOURCE@@": orthanc.source, "@@SECRET@@": secret}
    return Scripts(_ready("fovea.py", known), _ready("fovea.lua", known))


def _ready(name: str, known: dict[str, str]) -> str:
    """Raises ValueError for what could end the text that it stands in."""
    script = (_FOLDER / name).read_text(encoding="utf-8")
    for place, value in known.items():
        if any(sign in value for sign in '"\\\n\r'):
            raise ValueError("This can't stand in a script.")
        script = script.replace(place, value)
    return script
