"""A signed report as a Comprehensive SR (PS3.3 A.35.3): Basic Diagnostic Imaging Report, PS3.16 TID 2000.

Pure, and nothing in it depends on when it is made: the same signed document is the same object again. Sections are
flat, as TID 2000 has them: what stands in a section of a section names that one first. After them comes one container
that TID 2000 doesn't have, the Imaging Measurements of TID 1500: the table of measurements, in groups.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from apps.dicom.attributes import Attributes
from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content import concepts
from apps.measurements.content.groups import Group
from apps.measurements.writing.documents import Evidence, ReportSeries, begun, hierarchy, refer_to, written
from apps.measurements.writing.items import (
    CONTAINS,
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    INFERRED_FROM,
    code_item,
    coded,
    container,
    image_item,
    number_item,
    template_of,
    text_item,
)
from apps.measurements.writing.sr import COMPREHENSIVE, MOST_GROUPS, Observer, group_item, observer_items
from apps.reports.content.document import Document, Passage, Statement
from apps.reports.content.entries import KeyImage
from apps.reports.objects import headings
from apps.reports.objects.measured import groups_of
from apps.reports.objects.naming import moment_of, signed_of, title_of, worded
from apps.reports.objects.referring import frame_of, referred

CONTRIBUTION: Final = "Report, written and signed by a person. Not a certified medical device."
ORGANIZATION: Final = Code("Person Observer's Organization Name", "121009", "DCM")
BEST_ILLUSTRATION: Final = Code("Best illustration of finding", "121080", "DCM")
# PS3.16 CID 5000, of the languages that reports are written in.
LANGUAGES: Final = {
    "en": Code("English", "en", "RFC5646"),
    "fr": Code("French", "fr", "RFC5646"),
    "es": Code("Spanish", "es", "RFC5646"),
    "zh-hans": Code("Chinese, Simplified", "zh-Hans", "RFC5646"),
}
# What Verifying Organization (LO) holds.
_LONGEST: Final = 64


def report_sr(
    document: Document,
    header: Attributes,
    *,
    series: ReportSeries,
    evidence: Iterable[Evidence] = (),
    predecessors: Iterable[Evidence] = (),
) -> bytes:
    """The file (PS3.10) of a signed document: complete, verified by who signed it, and final (C.17.2).

    `header` is that of an object of the study as it leaves the archive (DICOM JSON): patient and study are taken of it.
    `evidence` are the objects that were read; what the document itself refers to is added. `predecessors` are the
    reports whose place this one takes. Raises ValueError for a document that is not signed, for more than 1,000 groups
    of measurements, and for numbers that are not finite.
    """
    made = begun(header, series, "SR", CONTRIBUTION)
    made.SOPClassUID = COMPREHENSIVE
    _general(made, document, predecessors)
    refer_to(made, [*evidence, *referred(document)])
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence, made.ContentTemplateSequence = coded(title_of(document)), template_of("2000")
    made.ContentSequence = Items(_content(document, series.sop_instance_uid))
    return written(made)


def _general(made: Dataset, document: Document, predecessors: Iterable[Evidence]) -> None:
    """SR Document General (C.17.2)."""
    signed = signed_of(document)
    moment = moment_of(signed, made)
    made.InstanceNumber = signed.number
    made.ContentDate, made.ContentTime = moment.date, moment.time
    made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag = "COMPLETE", "VERIFIED", "FINAL"
    verifier = Dataset()
    verifier.VerifyingOrganization = (document.practice or "-")[:_LONGEST]
    verifier.VerificationDateTime, verifier.VerifyingObserverName = moment.full, signed.name
    verifier.VerifyingObserverIdentificationCodeSequence = Items()
    made.VerifyingObserverSequence = Items([verifier])
    made.PerformedProcedureCodeSequence = Items(each for code in document.procedures for each in coded(code))
    if before := list(predecessors):
        made.PredecessorDocumentsSequence = hierarchy(before)


def _content(document: Document, seed: str) -> Iterator[Dataset]:
    """The root's items, in the order of TID 2000's rows."""
    for procedure in document.procedures:
        yield code_item(HAS_CONCEPT_MOD, concepts.PROCEDURE_REPORTED, procedure)
    yield code_item(HAS_CONCEPT_MOD, concepts.LANGUAGE, LANGUAGES[document.language])
    yield from _observer(document)
    for passage in document.passages:
        yield container(worded(passage.code, passage.title), _narrative(passage))
    if document.key_images:
        yield container(headings.KEY_IMAGES, map(_key_image, document.key_images))
    if document.measurements:
        yield container(concepts.IMAGING_MEASUREMENTS, map(group_item, _groups(document, seed)))


def _observer(document: Document) -> Iterator[Dataset]:
    """Observation context (TID 1001 to 1003): who wrote it."""
    yield from observer_items(Observer(document.author or signed_of(document).name))
    if document.practice:
        yield text_item(HAS_OBS_CONTEXT, ORGANIZATION, document.practice)


def _narrative(passage: Passage) -> Iterator[Dataset]:
    """Report Narrative (TID 2002) of a section and those below it."""
    element = headings.element_of(passage.code)
    for where, statement in _flat(passage, ()):
        yield from _statement(statement, where, element)


def _flat(passage: Passage, within: tuple[str, ...]) -> Iterator[tuple[str, Statement]]:
    """The statements, each with what it is of: the titles of the sections of the section that it stands in, and its
    label, unless that says the title again."""
    for statement in passage.statements:
        label = () if statement.label == passage.title else (statement.label,)
        yield ": ".join(filter(None, (*within, *label))), statement
    for below in passage.passages:
        yield from _flat(below, (*within, below.title))


def _statement(statement: Statement, of: str, element: Code) -> Iterator[Dataset]:
    """Numbers and codes as such, where they say what they are of; else what is printed."""
    concept = worded(statement.concept, of or statement.label) if statement.concept.value else NO_CODE
    if concept and statement.number is not None:
        unit = statement.unit if statement.unit.value else concepts.NO_UNIT
        yield number_item(concept, statement.number, unit, [])
    elif concept and statement.codes:
        yield from _codes(concept, statement)
    elif concept:
        yield text_item(CONTAINS, concept, statement.text)
    else:
        yield text_item(CONTAINS, element, f"{of}: {statement.text}" if of else statement.text)


def _codes(concept: Code, statement: Statement) -> Iterator[Dataset]:
    """Each of what was chosen; of a single one, in the report's own words."""
    if len(statement.codes) == 1:
        yield code_item(CONTAINS, concept, worded(statement.codes[0], statement.text))
    else:
        yield from (code_item(CONTAINS, concept, worded(code, code.said)) for code in statement.codes)


def _key_image(image: KeyImage) -> Dataset:
    """An IMAGE (TID 2001), or what is said of it, inferred from it (TID 2002)."""
    named = image.sop_class_uid, image.sop_instance_uid
    if not image.caption:
        return image_item(CONTAINS, BEST_ILLUSTRATION, *named, frame=frame_of(image))
    said = text_item(CONTAINS, headings.FINDING, image.caption)
    said.ContentSequence = Items([image_item(INFERRED_FROM, BEST_ILLUSTRATION, *named, frame=frame_of(image))])
    return said


def _groups(document: Document, seed: str) -> Sequence[Group]:
    groups = groups_of(document.measurements, seed)
    if len(groups) > MOST_GROUPS:
        raise ValueError(f"A report has at most {MOST_GROUPS} groups of measurements.")
    return groups
