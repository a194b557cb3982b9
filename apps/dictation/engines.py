"""Which recognisers there are here: for each way of listening and language one, or why there is none."""

from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.dictation.models import Mode
from apps.saying import say

# The bundled model knows one language.
BUNDLED: Final = "en"
WHISPER_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
# Of a model of Vosk's.
VOSK_FILES: Final = ("am/final.mdl", "conf/model.conf")

NOTHING: Final = say(
    "Free text can't be dictated here: no recogniser is set up. Whoever runs the server names one "
    "(FOVEA_DICTATION_WHISPER, FOVEA_DICTATION_VOSK or FOVEA_DICTATION_URL); type instead."
)
ENGLISH_ONLY: Final = say("Commands and phrases can be said in English only: the bundled recogniser knows no other.")


class Engine(StrEnum):
    """A recogniser; the last one is a server that the site names."""

    NONE = ""
    POCKETSPHINX = "pocketsphinx"
    WHISPER = "whisper"
    VOSK = "vosk"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Ear:
    """What listens for a way of listening and a language: `reason` says why nothing does."""

    mode: Mode
    language: str
    engine: Engine
    reason: str = ""

    @property
    def is_available(self) -> bool:
        return self.engine != Engine.NONE


def every() -> list[Ear]:
    """What there is for each way of listening and each language of the site."""
    return [ear_for(Mode(mode), language) for mode in Mode for language, _name in settings.LANGUAGES]


def ear_for(mode: Mode, language: str) -> Ear:
    """The recogniser for this; looks at folders, and imports nothing."""
    if mode == Mode.COMMANDS:
        return _for_commands(language)
    wrong = ""
    for engine, check in _FOR_TEXT.items():
        reason = check(language)
        if reason is None:
            return Ear(mode, language, engine)
        wrong = wrong or reason
    return Ear(mode, language, Engine.NONE, wrong or NOTHING)


def _for_commands(language: str) -> Ear:
    if language != BUNDLED:
        return Ear(Mode.COMMANDS, language, Engine.NONE, ENGLISH_ONLY)
    if reason := _missing("pocketsphinx", "requirements/reports.txt"):
        return Ear(Mode.COMMANDS, language, Engine.NONE, reason)
    return Ear(Mode.COMMANDS, language, Engine.POCKETSPHINX)


def _whisper(language: str) -> str | None:
    """None where it can listen; else why not, or nothing where nobody asked for it."""
    folder = settings.DICTATION_WHISPER
    if folder is None:
        return ""
    return _wrong("FOVEA_DICTATION_WHISPER", folder, WHISPER_FILES) or _missing(
        "faster_whisper", "requirements/whisper.txt"
    ) or None  # fmt: skip


def _vosk(language: str) -> str | None:
    """As `_whisper`; each language has a model in a folder of its name."""
    root = settings.DICTATION_VOSK
    if root is None:
        return ""
    folder = vosk_folder(language)
    if folder is None:
        return say("The folder of FOVEA_DICTATION_VOSK has no folder {language} with a model.", language=language)
    return _wrong("FOVEA_DICTATION_VOSK", folder, VOSK_FILES) or _missing("vosk", "requirements/whisper.txt") or None


def vosk_folder(language: str) -> Path | None:
    """Where Vosk's model of a language lies, where there is one."""
    folder: Path | None = settings.DICTATION_VOSK / language if settings.DICTATION_VOSK else None
    return folder if folder and folder.is_dir() else None


def _server(language: str) -> str | None:
    if not settings.DICTATION_URL:
        return ""
    if not settings.DICTATION_NETWORKS:
        return say("FOVEA_DICTATION_URL names a server, and FOVEA_DICTATION_NETWORKS no network that it may be in.")
    return None


_FOR_TEXT: Final = {Engine.WHISPER: _whisper, Engine.VOSK: _vosk, Engine.SERVER: _server}


def _wrong(variable: str, folder: Path, files: tuple[str, ...]) -> str:
    lacking = next((name for name in files if not (folder / name).is_file()), "")
    if not lacking:
        return ""
    return say("The folder that {variable} names holds no model: {file} is missing.", variable=variable, file=lacking)


def _missing(module: str, pins: str) -> str:
    if find_spec(module):
        return ""
    return say("The recogniser {module} is not installed here ({pins}).", module=module, pins=pins)
