"""DiagnosticReport (FHIR R4) of a report as it was signed last, or as it stands while it is preliminary."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.archive.models import Study
from apps.dicom.spoken import spoken_name, unturned
from apps.dicom.sr_tree import Code
from apps.fhir import terms
from apps.fhir.datatypes import Json, coding, concept, filled, identifier, instant, named, reference, versioned
from apps.fhir.observations.mapping import KIND as OBSERVATION
from apps.fhir.orders.mapping import KIND as ORDER
from apps.fhir.orders.mapping import SCHEMES
from apps.fhir.studies import mapping as studies
from apps.reports.content.document import Document, Passage, Statement
from apps.reports.models import Signature
from apps.reports.objects.naming import IMAGING_REPORT

KIND: Final = "DiagnosticReport"
BINARY: Final = "Binary"
PDF: Final = "application/pdf"
# Diagnostic Service Sections (HL7 v2 table 0074).
SECTIONS: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
CATEGORY: Final = "RAD"
FINAL, AMENDED, PRELIMINARY = "final", "amended", "preliminary"
# The headings of what a report comes to (PS3.16 CID 7001): Impressions and Conclusions, in LOINC and as they were.
_CONCLUDING: Final = frozenset({"19005-8", "55110-1", "121072", "121076"})


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it is told: its key, what it says, by which signature (None for what is preliminary), of which study,
    and since when it says so."""

    key: int
    document: Document
    signature: Signature | None
    study: Study
    issued: datetime


def of_report(told: Told, subject: Json, steps: Iterable[int], observations: Iterable[int]) -> Json:
    """`subject` is a Reference; `steps` and `observations` are the keys of the steps that the study came of, and of the
    measurements that the report has."""
    document, signature, study = told.document, told.signature, told.study
    resource = {
        "identifier": [each for each in _identifiers(told) if each],
        "basedOn": [reference(ORDER, pk) for pk in steps],
        "status": status_of(signature),
        "category": [concept("", coding(SECTIONS, CATEGORY, "Radiology"))],
        "code": _coded(document.code or IMAGING_REPORT, document.title),
        "subject": subject,
        "effectiveDateTime": studies.moment(study.study_date, study.study_time),
        "issued": instant(told.issued),
        "performer": [named(unturned(document.practice), "Organization")] if document.practice else [],
        "resultsInterpreter": _interpreter(document),
        "result": [reference(OBSERVATION, pk) for pk in observations],
        "imagingStudy": [reference(studies.KIND, study.pk)],
        "conclusion": unturned("\n".join(_conclusions(document.passages))),
        "conclusionCode": [_coded(code, code.said) for code in _concluded(document.passages)],
        "presentedForm": [_form(document, signature)] if signature and signature.stored_at else [],
    }
    return versioned(resource, KIND, told.key, told.issued)


def status_of(signature: Signature | None) -> str:
    """A code of http://hl7.org/fhir/diagnostic-report-status; what is being amended is what it was signed as."""
    if signature is None:
        return PRELIMINARY
    return AMENDED if signature.number > 1 else FINAL


def _identifiers(told: Told) -> Iterator[Json]:
    yield identifier(str(told.key), terms.REPORT, terms.TYPE_FILLER)
    yield identifier(told.document.examination.accession_number, terms.ACCESSION, terms.TYPE_ACCESSION)
    if told.signature is not None:
        yield identifier(f"{terms.OID}{told.signature.sr_instance_uid}", terms.DICOM_UID)


def _interpreter(document: Document) -> list[Json]:
    """Who stands for it; of what is preliminary, who has written it."""
    name = spoken_name(document.signed.name if document.signed else document.author)
    return [named(name, "Practitioner")] if name else []


def _coded(code: Code, words: str) -> Json:
    """In the report's own words, with its code in the system that FHIR has for its scheme (PS3.16 8)."""
    system = SCHEMES.get(code.scheme, "")
    return concept(unturned(words), coding(system, code.value, unturned(code.meaning)) if system else {})


def _conclusions(passages: Iterable[Passage]) -> Iterator[str]:
    for statement in _concluding(passages):
        yield statement.text


def _concluded(passages: Iterable[Passage]) -> Iterator[Code]:
    for statement in _concluding(passages):
        yield from statement.codes


def _concluding(passages: Iterable[Passage], *, is_within: bool = False) -> Iterator[Statement]:
    """The statements of the sections that conclude, and of those within them."""
    for passage in passages:
        is_concluding = is_within or passage.code.value in _CONCLUDING
        yield from passage.statements if is_concluding else ()
        yield from _concluding(passage.passages, is_within=is_concluding)


def _form(document: Document, signature: Signature) -> dict[str, Any]:
    """The sealed PDF, below this server's address of FHIR (Attachment, 2.24.0.2)."""
    return filled(
        {
            "contentType": PDF,
            "language": document.language,
            "url": f"{BINARY}/{binary_id(signature.pk)}",
            "title": unturned(document.title),
            "creation": instant(signature.signed_at),
        }
    )


def binary_id(signature: int) -> str:
    return f"report-{signature}"
