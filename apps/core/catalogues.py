"""The catalogues of translations (`locale/`): brought up to date, checked, and made ready for the server.

What is needed for it (Babel) is in requirements/locale.txt; the running server reads the ready files alone.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from apps.core.marked import Marked, marked, places

# By the codes of settings.LANGUAGES: the names of the folders, and of Babel's locales.
FOLDERS: Final = {"fr": "fr", "es": "es", "zh-hans": "zh_Hans"}
# No line is broken, so that a change of a word is a change of one line.
WIDTH: Final = 0
_UNKEPT: Final = ("Report-", "POT-", "PO-", "Last-", "Language-Team", "Generated-By", "Project-")
CHANGING: Final = tuple(f'"{name}' for name in _UNKEPT)


def path_of(language: str, root: Path) -> Path:
    """The catalogue of a language, as people edit it."""
    return root / "locale" / FOLDERS[language] / "LC_MESSAGES" / "django.po"


def read(language: str, root: Path) -> Catalog:
    """The catalogue; an empty one where there is none yet."""
    path = path_of(language, root)
    if not path.is_file():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=FOLDERS[language])


def update(root: Path) -> None:
    """Give each catalogue just the texts that there are now; a new one has no translation yet."""
    texts = marked(root)
    for language in FOLDERS:
        before, after = read(language, root), _empty(language)
        for text, found in sorted(texts.items()):
            known = before.get(_id(text), text.context or None)
            string = known.string if known is not None and known.id == _id(text) else None
            files = [(place, 0) for place in sorted({place for place, _ in found})]
            after.add(_id(text), string, locations=files, context=text.context or None)
        write(after, language, root)


def write(catalogue: Catalog, language: str, root: Path) -> None:
    """Write the catalogue as people edit it, without what changes at each writing."""
    path, made = path_of(language, root), BytesIO()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_po(made, catalogue, width=WIDTH, include_lineno=False)
    lines = made.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(CHANGING)), encoding="utf-8")


def compile_all(root: Path) -> list[str]:
    """Make what the server reads: `django.mo` beside each catalogue. Returns what was left out, and stays English.

    A translation that fills other places than its text would fail the page that shows it.
    """
    left_out = []
    for language in FOLDERS:
        ready = _empty(language)
        for message in read(language, root):
            found = list(_wrong(_marked(message), message)) if message.id and all(_strings(message)) else []
            left_out += [f"{language}: {wrong}: {_first(message)!r}" for wrong in found]
            if message.id and all(_strings(message)) and not found:
                ready.add(message.id, message.string, context=message.context)
        with path_of(language, root).with_suffix(".mo").open("wb") as file:
            write_mo(file, ready)
    return left_out


def problems(language: str, texts: list[Marked], root: Path) -> Iterator[str]:
    """What is wrong with a catalogue: texts that it lacks, or no longer needs, and places that are not filled alike."""
    catalogue = read(language, root)
    needed = {(text.context, text.text) for text in texts}
    for text in texts:
        message = catalogue.get(_id(text), text.context or None)
        if message is None or message.fuzzy or not _is_whole(message, catalogue.num_plurals):
            yield f"{language}: not translated: {text.text!r}"
        else:
            yield from (f"{language}: {wrong}: {text.text!r}" for wrong in _wrong(text, message))
    for message in catalogue:
        if message.id and (message.context or "", _first(message)) not in needed:
            yield f"{language}: no longer needed: {_first(message)!r}"


def _wrong(text: Marked, message: Message) -> Iterator[str]:
    """Each form fills what the text fills; a singular may say the number in words."""
    expected = places([text.text, text.plural])
    for string in _strings(message):
        if places([string]) != expected and not (text.plural and places([string]) >= expected - {"count"}):
            yield f"fills {sorted(places([string]))}, not {sorted(expected)}"
        if string.startswith("\n") != text.text.startswith("\n") or string.endswith("\n") != text.text.endswith("\n"):
            yield "begins or ends with another line"


def _is_whole(message: Message, plurals: int) -> bool:
    """Whether each of its forms is there: one, or as many as the language has."""
    strings = _strings(message)
    return all(strings) and len(strings) == (plurals if message.pluralizable else 1)


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (str(message.string or ""),)


def _first(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, list | tuple) else message.id)


def _marked(message: Message) -> Marked:
    plural = message.id[1] if isinstance(message.id, list | tuple) else ""
    return Marked(_first(message), plural, message.context or "")


def _id(text: Marked) -> str | tuple[str, str]:
    return (text.text, text.plural) if text.plural else text.text


def _empty(language: str) -> Catalog:
    comment = f"# Fovea in the language {language}. After a change: manage.py catalogues update"
    return Catalog(locale=FOLDERS[language], charset="utf-8", fuzzy=False, header_comment=comment)
