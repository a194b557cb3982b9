"""The templates that come with the product: ten in each language, the same but for their words, with codes that are."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from pydicom.sr._concepts_dict import concepts

from apps.dicom.sr_tree import Code
from apps.reports.content.structure import Field, Note, Option, Section, Structure
from apps.reports.mrrt.head import LANGUAGES
from apps.reports.mrrt.reading import read, structure_of
from apps.reports.mrrt.writing import source_of
from apps.reports.templates_shipping import FOLDER

NAMES: Final = sorted(path.stem for path in (FOLDER / "en").glob("*.html"))
FILES: Final = sorted(FOLDER.glob("*/*.html"))
# SNOMED CT's of the categories of BI-RADS that PS3.16 CID 6026 has and pydicom doesn't.
UNKNOWN_TO_PYDICOM: Final = {
    ("SCT", "6111000179101"), ("SCT", "6121000179106"), ("SCT", "6131000179108"), ("SCT", "6141000179100"),
}  # fmt: skip
IMPRESSIONS: Final = Code("Impressions", "19005-8", "LN")


@cache
def known() -> frozenset[tuple[str, str]]:
    every: Any = concepts
    return frozenset((scheme, value) for scheme, names in every.items() for each in names.values() for value in each)


def test_there_are_ten_in_each_language_of_the_product() -> None:
    languages = [language for language, _ in settings.LANGUAGES]
    assert sorted(LANGUAGES.values()) == sorted(languages)
    assert [len(list((FOLDER / language).glob("*.html"))) for language in languages] == [10] * 4
    assert len(FILES) == 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_is_written_as_it_is_read(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    reading = read(source)
    assert reading.left_out == ()
    assert source_of(reading.structure) == source
    assert reading.structure.identifier == f"fovea.{path.stem}.{path.parent.name}"
    assert reading.structure.language == path.parent.name


@pytest.mark.parametrize("name", NAMES)
def test_all_languages_have_the_same_but_for_the_words(name: str) -> None:
    bare = [without_words(structure_of(path.read_text(encoding="utf-8"))) for path in FILES if path.stem == name]
    assert len(bare) == 4
    assert all(each == bare[0] for each in bare)


@pytest.mark.parametrize("name", NAMES)
def test_the_codes_are_the_standards(name: str) -> None:
    structure = structure_of((FOLDER / "en" / f"{name}.html").read_text(encoding="utf-8"))
    codes = {(code.scheme, code.value) for code in codes_of(structure)}
    assert codes <= known() | UNKNOWN_TO_PYDICOM
    assert codes


@pytest.mark.parametrize("name", NAMES)
def test_each_asks_for_an_impression_and_begins_with_the_question(name: str) -> None:
    structure = structure_of((FOLDER / "en" / f"{name}.html").read_text(encoding="utf-8"))
    impression = next(section for section in structure.sections if section.code == IMPRESSIONS)
    assert any(field.is_expected for field in impression.fields())
    assert next(structure.fields()).fill.startswith("appointment.indication")


def codes_of(structure: Structure) -> list[Code]:
    every = [structure.code, *structure.procedures, *(each.code for each in sections(structure.sections))]
    for field in structure.fields():
        every += [field.code, *(option.code for option in field.options)]
    return [code for code in every if code]


def sections(found: tuple[Section | Field | Note, ...]) -> list[Section]:
    here = [each for each in found if isinstance(each, Section)]
    return [*here, *(below for each in here for below in sections(each.items))]


def without_words(structure: Structure) -> Structure:
    bare = tuple(wordless(section) for section in structure.sections)
    return replace(structure, identifier="", title="", language="", description="", sections=bare)


def wordless(section: Section) -> Section:
    return replace(section, title="", items=tuple(map(wordless_item, section.items)))


def wordless_item(item: Section | Field | Note) -> Section | Field | Note:
    if isinstance(item, Section):
        return wordless(item)
    return replace(item, text="") if isinstance(item, Note) else wordless_field(item)


def wordless_field(field: Field) -> Field:
    """A field with its keys, codes and values; of texts only whether there are any."""
    options = tuple(Option(each.value, "", each.code) for each in field.options)
    default = field.default if field.options or not field.default else "…"
    fill, hint = re.sub(r"'[^']*'", "''", field.fill), "…" if field.placeholder else ""
    return replace(field, label="", options=options, default=default, fill=fill, placeholder=hint)
