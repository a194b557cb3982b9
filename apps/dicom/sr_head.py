"""Who and what a report is about: the lines above its content, for every form it is shown in."""

from typing import Final

from apps.dicom.attributes import Attributes, items, text
from apps.dicom.spoken import spoken_date, spoken_name, spoken_time

_SEXES: Final = {"F": "female", "M": "male", "O": "other"}

Line = tuple[str, str]


def head_lines(attributes: Attributes) -> list[Line]:
    """Return labels and texts, of which none is empty: patient, study, and who made and verified the report."""
    written = spoken_date(text(attributes, "00080023")), spoken_time(text(attributes, "00080033"))
    lines = [
        ("Patient", spoken_name(text(attributes, "00100010"))),
        ("Patient ID", text(attributes, "00100020")),
        ("Born", spoken_date(text(attributes, "00100030"))),
        ("Sex", _SEXES.get(text(attributes, "00100040"), text(attributes, "00100040"))),
        ("Study", text(attributes, "00081030")),
        ("Study date", spoken_date(text(attributes, "00080020"))),
        ("Accession number", text(attributes, "00080050")),
        ("Referred by", spoken_name(text(attributes, "00080090"))),
        ("Series", text(attributes, "0008103E")),
        ("Written", " ".join(filter(None, written))),
        ("Made with", " ".join(filter(None, (text(attributes, "00080070"), text(attributes, "00081090"))))),
        ("State", _state(attributes)),
        *_verified(attributes),
    ]
    return [line for line in lines if line[1]]


def _state(attributes: Attributes) -> str:
    flags = (text(attributes, tag) for tag in ("0040A491", "0040A492", "0040A493"))
    return ", ".join(flag.lower() for flag in flags if flag)


def _verified(attributes: Attributes) -> list[Line]:
    """One line for each verifying observer (PS3.3 C.17.2)."""
    lines = []
    for observer in items(attributes, "0040A073"):
        said = (spoken_name(text(observer, "0040A075")), text(observer, "0040A027"), text(observer, "0040A030"))
        who, where, when = said
        lines.append(("Verified by", ", ".join(filter(None, (who, where, spoken_date(when))))))
    return lines
