"""Reports as the REST API tells them."""

from collections.abc import Sequence
from typing import Any

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.viewing import viewer_url
from apps.dicom.sr_tree import Code
from apps.measurements.content.units import unit_words
from apps.reports import documents, presence, revisions
from apps.reports.content.checking import missing
from apps.reports.content.composing import with_unit
from apps.reports.content.document import Examination, Measured, Person
from apps.reports.content.entries import Content, Entry
from apps.reports.content.structure import Field, Note, Section, Structure
from apps.reports.filling.tabling import measured_of
from apps.reports.models import Presence, Report, Signature
from apps.reports.reaching import may, reads_signed_only
from apps.reports.templates_finding import structure_of_version

# What a section is to the button that takes findings over to the impression (PS3.16 CID 7001).
_ROLES = {
    ("59776-5", "LN"): "findings", ("121070", "DCM"): "findings",
    ("19005-8", "LN"): "impressions", ("121072", "DCM"): "impressions",
}  # fmt: skip


def report_json(who: Principal, report: Report) -> dict[str, Any]:
    """A report with all that is needed to write it, as the caller may read it."""
    structure = structure_of_version(report.version)
    content = content_for(who, report)
    return {
        **summary_json(report),
        "structure": structure_json(structure),
        "content": content_json(content),
        "measurements": [measured_json(each) for each in _measured(who, report, content)],
        "missing": list(missing(structure, content)),
        "others": [other_json(each) for each in presence.others(who, report)],
        "signatures": [signature_json(each) for each in report.signatures.all()],
        "mayWrite": report.is_open and may(who, report.study, Permission.REPORT),
        "maySign": report.is_open and may(who, report.study, Permission.SIGN),
        "viewerUrl": viewer_url(report.study.study_instance_uid),
        "patient": patient_json(documents.person_of(report.study)),
        "examination": examination_json(documents.examination_of(report.study)),
    }


def summary_json(report: Report) -> dict[str, Any]:
    """What a list says of a report."""
    template = report.version.template
    return {
        "id": report.pk,
        "studyInstanceUid": report.study.study_instance_uid,
        "practice": report.study.practice_id,
        "status": report.status,
        "revision": report.revision,
        "language": template.language,
        "template": {
            "id": template.pk,
            "identifier": template.identifier,
            "title": template.title,
            "version": report.version.number,
        },
        "author": person_json(report.author),
        "reader": person_json(report.reader),
        "reason": report.reason,
        "createdAt": report.created_at,
        "changedAt": report.changed_at,
        "changedBy": person_json(report.changed_by),
        "preliminaryAt": report.preliminary_at,
        "signedAt": report.signed_at,
    }


def content_for(who: Principal, report: Report) -> Content:
    """What the caller may read of it: what was signed last, for who doesn't write the amendment."""
    said = revisions.signed_last(report).content if reads_signed_only(who, report) else report.content
    return Content.from_json(said)


def content_json(content: Content) -> dict[str, Any]:
    return {**content.as_json(), "entries": {key: entry_json(each) for key, each in content.entries.items()}}


def entry_json(entry: Entry) -> dict[str, Any]:
    return {**entry.as_json(), "isEdited": entry.is_edited}


def structure_json(structure: Structure) -> dict[str, Any]:
    return {
        "title": structure.title,
        "language": structure.language,
        "code": code_json(structure.code),
        "sections": [section_json(each) for each in structure.sections],
    }


def section_json(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "code": code_json(section.code),
        "role": _ROLES.get((section.code.value, section.code.scheme), ""),
        "items": [_item_json(each) for each in section.items],
    }


def _item_json(item: Section | Field | Note) -> dict[str, Any]:
    if isinstance(item, Section):
        return {"section": section_json(item)}
    return {"field": field_json(item)} if isinstance(item, Field) else {"note": item.text}


def field_json(field: Field) -> dict[str, Any]:
    default = field.default if isinstance(field.default, str) else list(field.default)
    return {
        "key": field.key,
        "kind": field.kind.value,
        "label": field.label,
        "code": code_json(field.code),
        "unit": unit_words(field.unit.value),
        "options": [{"value": each.value, "label": each.label} for each in field.options],
        "isRequired": field.is_required,
        "isExpected": field.is_expected,
        "default": default,
        "placeholder": field.placeholder,
        "least": field.least,
        "most": field.most,
        "lines": field.lines,
    }


def code_json(code: Code) -> dict[str, str] | None:
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning} if code else None


def measured_json(line: Measured) -> dict[str, Any]:
    """A line of the table of measurements."""
    return {
        "label": line.label,
        "concept": line.concept.said,
        "derivation": line.derivation.said,
        "site": line.site.said,
        "value": line.value,
        "unit": unit_words(line.unit.value),
        "text": with_unit(f"{line.value:.6g}", line.unit),
        "isVerified": line.is_verified,
        "change": line.change,
        "earlier": [{"date": each.date, "value": each.value} for each in line.earlier],
        "trackingUid": line.tracking_uid,
    }


def other_json(row: Presence) -> dict[str, Any]:
    return {"name": name_of(row.user), "seenAt": row.seen_at}


def signature_json(signature: Signature) -> dict[str, Any]:
    return {
        "number": signature.number,
        "name": signature.name,
        "credentials": signature.credentials,
        "signedAt": signature.signed_at,
        "reason": signature.reason,
        "digest": signature.digest,
        "isStored": signature.stored_at is not None,
    }


def person_json(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "name": name_of(user)} if user else None


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


def patient_json(person: Person) -> dict[str, str]:
    """As DICOM writes it: PN, LO, DA, CS."""
    return {
        "name": person.name,
        "identifier": person.identifier,
        "issuer": person.issuer,
        "birthDate": person.birth_date,
        "sex": person.sex,
    }


def examination_json(examination: Examination) -> dict[str, Any]:
    """As DICOM writes it: DA, TM, LO, SH, PN."""
    return {
        "date": examination.date,
        "time": examination.time,
        "description": examination.description,
        "accessionNumber": examination.accession_number,
        "modalities": list(examination.modalities),
        "referringPhysician": examination.referring_physician,
        "bodyPart": examination.body_part,
    }


def _measured(who: Principal, report: Report, content: Content) -> Sequence[Measured]:
    """As it was signed, where it is; else as it is now."""
    if report.is_open and not reads_signed_only(who, report):
        return measured_of(report.study, content.measurements, who)
    return documents.signed_document(report).measurements
