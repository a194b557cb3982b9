"""Structures of templates, as hypothesis makes them up: whatever keeps to the rules."""

from typing import Any

from hypothesis import strategies as st

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.structure import Field, FieldKind, Note, Option, Section, Structure
from apps.reports.mrrt.markup import is_control
from apps.reports.mrrt.rules import clean_label
from apps.reports.mrrt.whitespace import lines_of, one_line

CHARACTERS = st.characters(codec="utf-8").filter(lambda each: not is_control(each))
# What HTML and XML are made of comes often.
MARKUP = st.sampled_from(
    ["<", ">", "&", '"', "'", "</script>", "<!--", "-->", "&amp;", "]]>", "</textarea>", "\u00a0", " "]
)
TEXT = st.lists(st.one_of(CHARACTERS, MARKUP), max_size=5).map("".join)
LINE = TEXT.map(one_line)
FULL = LINE.map(lambda each: each if each.strip() else "x")
LABEL = TEXT.map(clean_label).map(lambda each: each if each.strip() else "x")
LINES = st.lists(TEXT, max_size=3).map("\n".join).map(lines_of)
CODE = st.builds(Code, FULL, FULL, st.sampled_from(["SCT", "DCM", "LN", "99<&\"'"]))
CODES = st.one_of(st.just(NO_CODE), CODE)
UNIT = st.builds(Code, FULL, st.sampled_from(["mm", "[hnsf'U]", "10*-3.mm2/s", "%"]), st.sampled_from(["UCUM", "DCM"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
CHOSEN = (FieldKind.CHOICE, FieldKind.CHOICES)


@st.composite
def fields(draw: st.DrawFn, key: str) -> Field:
    kind = draw(st.sampled_from(list(FieldKind)))
    options = draw(st.lists(st.builds(Option, FULL, FULL, CODES), min_size=1, max_size=3, unique_by=lambda o: o.value))
    given = tuple(options) if kind in CHOSEN else ()
    bounds = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2)))
    is_number, is_long = kind is FieldKind.NUMBER, kind is FieldKind.LONG_TEXT
    completion = draw(st.sampled_from(["required", "expected", ""]))
    return Field(
        key, kind, draw(LABEL),
        code=draw(CODES), unit=draw(st.one_of(st.just(NO_CODE), UNIT)) if is_number else NO_CODE, options=given,
        is_required=completion == "required", is_expected=completion == "expected",
        default=draw(default_of(kind, given)), placeholder=draw(LINE),
        fill=draw(st.sampled_from(["", "series.technique", "{patient.name} <&>"])) if is_long else "",
        least=draw(st.sampled_from([None, bounds[0]])) if is_number else None,
        most=draw(st.sampled_from([None, bounds[1]])) if is_number else None,
        lines=draw(st.integers(1, 50)) if is_long else 3,
    )  # fmt: skip


def default_of(kind: FieldKind, options: tuple[Option, ...]) -> st.SearchStrategy[Any]:
    values = [each.value for each in options]
    return {
        FieldKind.TEXT: LINE,
        FieldKind.LONG_TEXT: LINES,
        FieldKind.NUMBER: st.sampled_from(["", "-12.5", "0"]),
        FieldKind.DATE: st.sampled_from(["", "2026-03-01"]),
        FieldKind.TIME: st.sampled_from(["", "08:15"]),
        FieldKind.CHOICE: st.sampled_from(["", *values]),
        FieldKind.CHOICES: st.sets(st.sampled_from(values or [""])).map(
            lambda each: tuple(v for v in values if v in each)
        ),
        FieldKind.CHECK: st.sampled_from(["", "true"]),
    }[kind]


@st.composite
def sections(draw: st.DrawFn, key: str, depth: int = 1) -> Section:
    items: list[Section | Field | Note] = []
    for number in range(draw(st.integers(1, 3))):
        kinds = ["field", "note", "section"] if depth < 3 else ["field", "note"]
        kind = draw(st.sampled_from(kinds))
        below = f"{key}_{number}"
        if kind == "field":
            items.append(draw(fields(below)))
        elif kind == "note":
            items.append(Note(draw(FULL)))
        else:
            items.append(draw(sections(below, depth + 1)))
    return Section(key, draw(LABEL), draw(CODES), tuple(items))


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    # One field at least, beside whatever else there is.
    first = Section("first", draw(LABEL), NO_CODE, (draw(fields("field")),))
    others = [draw(sections(f"s{number}")) for number in range(draw(st.integers(0, 2)))]
    return Structure(
        draw(FULL), draw(FULL), draw(st.sampled_from(["en", "fr", "es", "zh-hans"])), (first, *others),
        description=draw(LINE), creator=draw(LINE), publisher=draw(LINE), rights=draw(LINE), code=draw(CODES),
        procedures=tuple(draw(st.lists(CODE, max_size=2))),
        modalities=tuple(draw(st.lists(st.sampled_from(["CT", "MR", "CR", "XC"]), unique=True, max_size=3))),
    )  # fmt: skip
