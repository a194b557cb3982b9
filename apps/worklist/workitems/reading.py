"""Data sets in the DICOM JSON model (PS3.18 F.2) as clients send them: checked, bounded, and written in one way."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from apps.core.errors import Invalid
from apps.dicom.dictionary import standard_vr
from apps.saying import say
from apps.worklist.workitems.names import CHARACTER_SET, Dataset

MAX_ELEMENTS: Final = 20_000
MAX_DEPTH: Final = 16
MAX_TEXT: Final = 64 * 1024
UNICODE: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}
_TAG: Final = re.compile(r"[0-9A-F]{8}", re.ASCII)
_VR: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_INTEGERS: Final = frozenset({"SL", "SS", "SV", "UL", "US", "UV"})
_FLOATS: Final = frozenset({"FD", "FL"})
_NUMBERS_OR_TEXT: Final = frozenset({"DS", "IS"})
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


def read(sent: Any) -> Dataset:
    """What a client sent as a data set: tags in capitals, no empty `Value`, text in Unicode, no groups below 0008.

    Raises Invalid for what is no data set in this model, or more than a workitem needs.
    """
    dataset = _Reader().data_set(sent, 0)
    dataset[CHARACTER_SET] = dict(UNICODE)
    return dataset


class _Reader:
    """Counts what it reads."""

    def __init__(self) -> None:
        self._count = 0

    def data_set(self, sent: Any, depth: int) -> Dataset:
        if not isinstance(sent, Mapping):
            raise Invalid(say("A data set is a JSON object of attributes by their tags (PS3.18 F.2)."))
        if depth > MAX_DEPTH:
            raise Invalid(say("Sequences are nested more than {max_depth} deep.", max_depth=MAX_DEPTH))
        read = {}
        for name, element in sent.items():
            tag = str(name).upper()
            if not _TAG.fullmatch(tag):
                raise Invalid(
                    say("An attribute is named by eight hexadecimal digits, not {name!r}.", name=str(name)[:32])
                )
            if tag >= "00080000":
                read[tag] = self._element(tag, element, depth)
        return dict(sorted(read.items()))

    def _element(self, tag: str, sent: Any, depth: int) -> dict[str, Any]:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Invalid(
                say("A workitem has at most {max_elements:,} attributes and values.", max_elements=MAX_ELEMENTS)
            )
        if not isinstance(sent, Mapping):
            raise Invalid(say("Attribute {tag} is no JSON object with vr and Value.", tag=tag))
        vr = sent.get("vr") or standard_vr(int(tag, 16)).decode() or "UN"
        if not isinstance(vr, str) or not _VR.fullmatch(vr):
            raise Invalid(say("Attribute {tag} has no value representation of two letters.", tag=tag))
        if "BulkDataURI" in sent:
            raise Invalid(say("Attribute {tag} is bulk data, which a workitem can't hold.", tag=tag))
        if "InlineBinary" in sent:
            return {"vr": vr, "InlineBinary": _text(tag, sent["InlineBinary"])}
        return self._valued(tag, vr, sent.get("Value"), depth)

    def _valued(self, tag: str, vr: str, values: Any, depth: int) -> dict[str, Any]:
        if values is None or values == []:
            return {"vr": vr}
        if not isinstance(values, list):
            raise Invalid(say("The Value of attribute {tag} is no array.", tag=tag))
        self._count += len(values)
        if vr == "SQ":
            return {"vr": vr, "Value": [self.data_set(item or {}, depth + 1) for item in values]}
        one = _reader_of(vr)
        read = [None if value in (None, "") else one(tag, value) for value in values]
        return {"vr": vr, "Value": read} if any(value is not None for value in read) else {"vr": vr}


def _reader_of(vr: str) -> Callable[[str, Any], Any]:
    if vr == "PN":
        return _name
    if vr in _INTEGERS:
        return lambda tag, value: _number(tag, value, int)
    if vr in _FLOATS:
        return lambda tag, value: _number(tag, value, float)
    return _number_or_text if vr in _NUMBERS_OR_TEXT else _text


def _text(tag: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
        raise Invalid(say("Attribute {tag} has a value that is no text, or is too long.", tag=tag))
    return value


def _number(tag: str, value: Any, kind: type[int] | type[float]) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid(say("Attribute {tag} has a value that is no number.", tag=tag))
    try:
        return kind(value)
    except (ValueError, OverflowError) as error:
        raise Invalid(say("Attribute {tag} has a value that is no number.", tag=tag)) from error


def _number_or_text(tag: str, value: Any) -> int | float | str:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else _text(tag, value)


def _name(tag: str, value: Any) -> dict[str, str]:
    """The groups of a person name (F.2.2); one that is written as text is its alphabetic group."""
    if isinstance(value, str):
        return {"Alphabetic": _text(tag, value)}
    if not isinstance(value, Mapping) or not set(value) <= set(_GROUPS):
        raise Invalid(
            say("Attribute {tag} is a name: write its groups, Alphabetic, Ideographic and Phonetic.", tag=tag)
        )
    return {group: _text(tag, value[group]) for group in _GROUPS if value.get(group)}
