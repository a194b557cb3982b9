"""Reading a template: what stands in a file of MRRT's (IHE RAD, Management of Radiology Report Templates), checked."""

from dataclasses import dataclass

from apps.reports.content.structure import Structure
from apps.reports.mrrt import limits
from apps.reports.mrrt.body import Body, sections_of
from apps.reports.mrrt.codes import CodedContent, coded_content
from apps.reports.mrrt.errors import BadTemplate, Problem
from apps.reports.mrrt.head import GENERATOR, language_of, metadata, modalities_of, title_of
from apps.reports.mrrt.inert import is_coded_content, left_out
from apps.reports.mrrt.markup import Element, tree_of
from apps.reports.mrrt.rules import findings_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A template as it was read, and what of its file was left out."""

    structure: Structure
    left_out: tuple[Problem, ...]


def structure_of(source: str) -> Structure:
    """The structure of a template: its sections and fields, at least one field.

    Raises BadTemplate with all that is wrong with it (docs/report-templates.md says what is asked of one). What is no
    part of a template is left out: scripts, handlers, styles, pictures, pages, links.
    """
    return read(source).structure


def read(source: str) -> Reading:
    """As `structure_of`, telling what was left out. Raises BadTemplate."""
    root = tree_of(source)
    said = metadata(root)
    codes = _codes(root)
    title = title_of(root, said)
    body = next(root.iter("body"), root)
    found = sections_of(body, title, codes, is_foreign=said.get("generator", "") != GENERATOR)
    structure = Structure(
        said.get("dcterms.identifier", ""), title, language_of(root, said), found.sections,
        description=said.get("dcterms.description", ""), creator=said.get("dcterms.creator", ""),
        publisher=said.get("dcterms.publisher", ""), rights=said.get("dcterms.rights", ""),
        code=codes.document, procedures=codes.procedures, modalities=modalities_of(said, codes.subjects),
    )  # fmt: skip
    _check(structure, found)
    return Reading(structure, left_out(root))


def _codes(root: Element) -> CodedContent:
    scripts = (each for each in root.iter("script") if is_coded_content(each))
    return next(map(coded_content, scripts), CodedContent())


def _check(structure: Structure, body: Body) -> None:
    problems = [Problem(text, body.lines.get(key)) for key, text in findings_of(structure)]
    if problems:
        raise BadTemplate(*problems[: limits.TOLD])
