"""The external commands of this site, as the JSON file says them that FOVEA_SEGMENTER_COMMANDS names."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from apps.saying import Sentence, say
from apps.segmentation.bundles.documents import document
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.naming.segments import Unclear, written
from apps.segmentation.objects.segments import Algorithm, Segment

WORK: Final = "apps.segmentation.commands.working:segment"
MOST: Final = 50
INPUT, OUTPUT, FOLDER = "{input}", "{output}", "{folder}"
DEFAULT_MINUTES: Final = 60
MOST_MINUTES: Final = 24 * 60
MOST_MEMORY_MB: Final = 1 << 20
_MOST_ARGUMENTS: Final = 200
_MOST_TEXT: Final = 4096
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_MODALITY: Final = re.compile(r"[A-Z0-9_ ]{1,16}")
_FIELDS: Final = frozenset({"name", "title", "version", "arguments", "environment"}) | frozenset(
    {"minutes", "memory_mb", "modalities", "needs_hu", "segments"}
)


@dataclass(slots=True)
class Command:
    """One program: `arguments` begin with its path, `memory` are bytes. `problems` say why it can't be used."""

    name: str
    title: str = ""
    version: str = ""
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: int = DEFAULT_MINUTES * 60
    memory: int = 0
    modalities: tuple[str, ...] = ()
    needs_hu: bool = True
    segments: tuple[Segment, ...] = ()
    digest: str = ""
    problems: list[Sentence] = field(default_factory=list)


def every() -> list[Command]:
    """All of them in the file's order, at most MOST. A file that can't be read is one command with that problem."""
    path: Path | None = settings.SEGMENTER_COMMANDS
    if path is None:
        return []
    try:
        return _told_apart([_command(entry) for entry in _entries(path)])
    except Faulty as error:
        return [Command(path.name, title=path.name, problems=[error.text])]


def find(name: str) -> Command | None:
    return next((command for command in every() if command.name == name), None)


def run_function(name: str) -> tuple[str, dict[str, Any]]:
    """As `apps.segmentation.choosing.run_function`, for a command that is known and has no problems."""
    command = find(name)
    if command is None:
        raise LookupError(name)
    return WORK, {
        "arguments": list(command.arguments),
        "environment": dict(command.environment),
        "seconds": command.seconds,
        "numbers": [segment.number for segment in command.segments],
        "memory": command.memory,
    }


def _entries(path: Path) -> list[dict[str, Any]]:
    """Raises Faulty."""
    entries = document(path.parent, path.name).get("commands")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Faulty(say("{file} has no list of commands.", file=path.name))
    return entries[:MOST]


def _told_apart(commands: list[Command]) -> list[Command]:
    names = [command.name for command in commands]
    for number, command in enumerate(commands):
        if command.name in names[:number]:
            command.problems.append(say("Two commands are called {name}.", name=command.name))
    return commands


def _command(entry: Mapping[str, Any]) -> Command:
    said = entry.get("name")
    command = Command(said if isinstance(said, str) and _NAME.fullmatch(said) else "unnamed")
    command.title = str(entry.get("title") or command.name)[:120]
    command.digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
    for take in (_take_name, _take_program, _take_environment, _take_bounds, _take_images, _take_segments):
        _noted(command, take, entry)
    return command


def _noted(command: Command, take: Callable[[Command, Mapping[str, Any]], None], entry: Mapping[str, Any]) -> None:
    """What is faulty becomes one of the command's problems."""
    try:
        take(command, entry)
    except Faulty as error:
        command.problems.append(error.text)


def _take_name(command: Command, entry: Mapping[str, Any]) -> None:
    if command.name != entry.get("name"):
        raise _unfit("name")
    command.version = str(entry.get("version", ""))[:64]
    if unknown := sorted(entry.keys() - _FIELDS):
        raise Faulty(say("There is no such field as {name}.", name=unknown[0][:40]))


def _take_program(command: Command, entry: Mapping[str, Any]) -> None:
    arguments = entry.get("arguments")
    if not isinstance(arguments, list) or not all(map(_is_text, arguments)):
        raise _unfit("arguments")
    if not 1 <= len(arguments) <= _MOST_ARGUMENTS:
        raise _unfit("arguments")
    command.arguments = tuple(arguments)
    if not all(any(place in argument for argument in arguments) for place in (INPUT, OUTPUT)):
        raise Faulty(say("Its arguments don't have {input} and {output}.", input=INPUT, output=OUTPUT))
    program = Path(arguments[0])
    if not program.is_absolute() or not program.is_file() or not os.access(program, os.X_OK):
        raise Faulty(say("{program} can't be run: arguments begin with a program's absolute path.", program=program))


def _take_environment(command: Command, entry: Mapping[str, Any]) -> None:
    environment = entry.get("environment", {})
    if not isinstance(environment, dict) or not all(
        _VARIABLE.fullmatch(name) and _is_text(value) for name, value in environment.items()
    ):
        raise _unfit("environment")
    command.environment = environment


def _take_bounds(command: Command, entry: Mapping[str, Any]) -> None:
    command.seconds = _number(entry, "minutes", DEFAULT_MINUTES, MOST_MINUTES) * 60
    command.memory = _number(entry, "memory_mb", settings.SEGMENTER_MEMORY_BYTES >> 20, MOST_MEMORY_MB) << 20


def _take_images(command: Command, entry: Mapping[str, Any]) -> None:
    modalities = entry.get("modalities", [])
    if not isinstance(modalities, list) or not all(_is_text(each) and _MODALITY.fullmatch(each) for each in modalities):
        raise _unfit("modalities")
    command.modalities = tuple(modalities)
    command.needs_hu = entry.get("needs_hu", True)
    if not isinstance(command.needs_hu, bool):
        raise _unfit("needs_hu")


def _take_segments(command: Command, entry: Mapping[str, Any]) -> None:
    try:
        command.segments = written(entry.get("segments"), Algorithm(command.title[:64], command.version or "1"))
    except Unclear as error:
        raise _unfit(str(error)) from error


def _number(entry: Mapping[str, Any], name: str, default: int, most: int) -> int:
    number = entry.get(name, default)
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        raise _unfit(name)
    return number


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_TEXT and "\0" not in value


def _unfit(name: str) -> Faulty:
    return Faulty(say("{name} is missing, or not what it should be.", name=name))
