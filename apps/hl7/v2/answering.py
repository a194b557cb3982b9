"""Acknowledgements: which are wanted, and how they are written (HL7 v2.9, 2.9 and 2.14.8)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.hl7.v2.charsets import codec_of, is_known
from apps.hl7.v2.escapes import escaped
from apps.hl7.v2.faults import Condition, Place
from apps.hl7.v2.head import Head
from apps.hl7.v2.message import Delimiters

APPLICATION: Final = "FOVEA"
# From this version on ERR tells where an error is in a field of its own (2.5: ERR-2), and before it in ERR-1.
_NEW_ERR: Final = (2, 5)
_OLDEST: Final = (2, 3)
# ERR-8 and MSA-3 hold so many characters.
MOST_TEXT: Final = 200
_VERSION: Final = re.compile(r"(\d{1,2})\.(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message. Without a condition it was taken; a rejection may be sent again as it is."""

    condition: Condition | None = None
    detail: str = ""
    place: Place | None = None
    is_rejection: bool = False

    @property
    def code(self) -> str:
        """Application acknowledgement code (table 0008)."""
        if self.condition is None:
            return "AA"
        return "AR" if self.is_rejection else "AE"


def codes(head: Head, verdict: Verdict) -> Iterator[str]:
    """The acknowledgement codes to answer with: one in the original mode, none to two in the enhanced mode.

    A message is worked on before it is answered. So the accept acknowledgement says what became of it where no
    application acknowledgement is to come, and else that it was received.
    """
    if not head.is_enhanced:
        yield verdict.code
        return
    tells = _is_wanted(head.applies, verdict)
    received = verdict.condition is None or (tells and not verdict.is_rejection)
    if _is_wanted(head.accept, Verdict() if received else verdict):
        yield "CA" if received else f"C{verdict.code[1]}"
    if tells:
        yield verdict.code


def acknowledgement(head: Head, code: str, verdict: Verdict, number: str, at: datetime) -> bytes:
    """One acknowledgement, in the message's own delimiters, version and character set; `number` is its MSH-10."""
    marks = head.marks
    # Without one of the delimiters an answer could not tell a message type from its event.
    if not all((marks.component, marks.repetition, marks.escape, marks.subcomponent)):
        marks = Delimiters()
    lines = [_msh(head, marks, number, at), _msa(head, marks, code, verdict)]
    if verdict.condition is not None and code != "CA" and _version(head) >= _OLDEST:
        lines.append(_err(head, marks, verdict))
    text = "".join(f"{line}\r" for line in lines)
    known = all(map(is_known, filter(None, head.charset.split("~"))))
    return text.encode(codec_of(head.charset) if known else "utf_8", "replace")


def _msh(head: Head, marks: Delimiters, number: str, at: datetime) -> str:
    kind = marks.component.join(("ACK", escaped(head.event, marks), "ACK") if head.event else ("ACK",))
    version = head.version or "2.5.1"
    fields = [
        "MSH", marks.encoding,
        *(escaped(text, marks) for text in (
            head.receiving_application or APPLICATION, head.receiving_facility, head.application, head.facility,
        )),
        f"{at:%Y%m%d%H%M%S%z}", "", kind, number, escaped(head.processing_id or "P", marks), escaped(version, marks),
    ]  # fmt: skip
    if head.charset and _version(head) >= _OLDEST:
        fields += ["", "", "", "", "", head.charset]
    return marks.field.join(fields)


def _msa(head: Head, marks: Delimiters, code: str, verdict: Verdict) -> str:
    text = escaped(verdict.detail[:MOST_TEXT], marks) if code != "CA" else ""
    return marks.field.join(("MSA", code, escaped(head.control_id, marks), *([text] if text else [])))


def _err(head: Head, marks: Delimiters, verdict: Verdict) -> str:
    condition, place = verdict.condition or Condition.INTERNAL, verdict.place
    detail = escaped(verdict.detail[:MOST_TEXT], marks)
    code = (str(condition.code), condition.text, "HL70357")
    if _version(head) < _NEW_ERR:
        old = (place.segment, str(place.index), str(place.field or "")) if place else ("", "", "")
        return marks.field.join(("ERR", marks.component.join((*old, marks.subcomponent.join(code)))))
    where = _location(place) if place else ()
    return marks.field.join(
        ("ERR", "", marks.component.join(where), marks.component.join(code), "E", "", "", "", detail)
    )


def _location(place: Place) -> tuple[str, ...]:
    """An ERL (HL7 v2.9, 2.A.28)."""
    if not place.field:
        return place.segment, str(place.index)
    return place.segment, str(place.index), str(place.field), "1", *([str(place.component)] * bool(place.component))


def _is_wanted(when: str, verdict: Verdict) -> bool:
    """By the acknowledgement condition (table 0155); nothing stands for never, where the enhanced mode is asked for."""
    is_fine = verdict.condition is None
    return when == "AL" or (when == "ER" and not is_fine) or (when == "SU" and is_fine)


def _version(head: Head) -> tuple[int, ...]:
    """Major and minor version; the newest for what is none."""
    found = _VERSION.match(head.version)
    return (int(found[1]), int(found[2])) if found else (2, 9)
