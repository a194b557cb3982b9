"""A report as the segments of an unsolicited result (HL7 v2.5.1, 7.3.1: ORU^R01): the order, and an observation for
each section and measurement. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from apps.dicom.sr_tree import Code
from apps.hl7.v2.escapes import escaped
from apps.hl7.v2.message import Delimiters
from apps.reports.content.document import Document, Measured, Passage

MARKS: Final = Delimiters()
# Table 0123: a draft is there and not verified, what is amended takes the place of an earlier one.
STATUSES: Final = {"draft": "R", "preliminary": "P", "final": "F", "amended": "C"}


def oru_segments(document: Document) -> list[str]:
    """ORC, OBR and the OBX, in this order, without their ends: FT of each section, its lines divided by `.br`; NM of
    each measurement, with its unit."""
    status = STATUSES[document.status]
    observations = [*_sections(document.passages), *map(_number, document.measurements)]
    return [
        _segment("ORC", {1: "RE", 3: str(document.report_id)}),
        _segment("OBR", _order(document, status)),
        *(
            _segment("OBX", {1: str(number), **fields, 11: status, 14: _moment(document)})
            for number, fields in enumerate(observations, start=1)
        ),
    ]


def _order(document: Document, status: str) -> dict[int, str]:
    study, signed = document.examination, document.signed
    what = next(iter(document.procedures), document.code) or Code(document.title)
    return {
        1: "1",
        3: str(document.report_id),
        4: _coded(what),
        7: _plain(f"{study.date}{study.time.partition('.')[0]}"),
        16: _person(study.referring_physician),
        18: _plain(study.accession_number),
        22: _moment(document),
        25: status,
        32: _components(["", *_names(signed.name)], MARKS.subcomponent) if signed else "",
    }


def _sections(passages: Iterable[Passage]) -> Iterator[dict[int, str]]:
    for passage in passages:
        lines = [f"{each.label}: {each.text}" if each.label else each.text for each in passage.statements]
        if lines:
            yield {2: "FT", 3: _coded(passage.code or Code(passage.title)), 5: _plain("\n".join(lines))}
        yield from _sections(passage.passages)


def _number(row: Measured) -> dict[int, str]:
    what = _components([row.concept.value, row.concept.meaning, row.concept.scheme, "", row.label])
    return {2: "NM", 3: what, 5: f"{row.value:.10g}", 6: _coded(row.unit)}


def _moment(document: Document) -> str:
    """When it was signed, as HL7 writes it (2.A.22); nothing before."""
    signed = document.signed
    return datetime.fromisoformat(signed.at).strftime("%Y%m%d%H%M%S%z") if signed else ""


def _person(name: str) -> str:
    """A PN as XCN (2.A.88), without a number."""
    return _components(["", *_names(name)]) if name else ""


def _names(name: str) -> list[str]:
    """Family name, given name, middle names, suffix and prefix of a PN's alphabetic group, whose last two are the other
    way around (PS3.5 6.2.1)."""
    parts = [*name.partition("=")[0].split("^"), "", "", "", ""][:5]
    return [*parts[:3], parts[4], parts[3]]


def _coded(code: Code) -> str:
    """As CWE (2.A.13); of a unit of UCUM too."""
    return _components([code.value, code.meaning, code.scheme])


def _components(parts: Iterable[str], mark: str = MARKS.component) -> str:
    return mark.join(map(_plain, parts)).rstrip(mark)


def _plain(text: str) -> str:
    return escaped(text, MARKS)


def _segment(name: str, fields: dict[int, str]) -> str:
    """With the fields at their numbers; those after the last one that says something are left out."""
    values = [fields.get(number, "") for number in range(1, max(fields) + 1)]
    return MARKS.field.join([name, *values]).rstrip(MARKS.field)
