"""Reports as documents: what the study, the practice and the people are called, around what was written."""

from typing import Final

from apps.accounts.names import person_name
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.reports.content.composing import Facts, document
from apps.reports.content.document import Document, Examination, Person
from apps.reports.content.entries import Content
from apps.reports.filling.tabling import measured_of
from apps.reports.modalities import examined
from apps.reports.models import Report, Status
from apps.reports.reaching import reads_signed_only
from apps.reports.templates_finding import structure_of_version

# As the record names whoever makes documents for nobody in particular.
WORKER: Final = "reports"


def document_of(report: Report, *, status: str | None = None, who: Principal | None = None) -> Document:
    """What the report says now, with the corrected demographics of its study; `status` instead of the report's own.

    An amendment that is being written is a draft. Of earlier values of measurements it has those that `who` sees,
    without them those of the practice.
    """
    structure, content = structure_of_version(report.version), Content.from_json(report.content)
    study = report.study
    reader = who or Principal.worker(study.practice_id, WORKER)
    facts = Facts(
        status=status or status_of(report),
        practice=study.practice.name,
        author=person_name(report.author) if report.author else "",
        patient=person_of(study),
        examination=examination_of(study),
        measurements=measured_of(study, content.measurements, reader),
        template=f"{report.version.template.identifier} {report.version.number}",
        report_id=report.pk,
    )
    return document(structure, content, facts)


def document_for(who: Principal, report: Report) -> Document:
    """What the caller may read of it: what was signed last for who doesn't write it, while it is being amended."""
    if report.is_open and not reads_signed_only(who, report):
        return document_of(report, who=who)
    return signed_document(report)


def signed_document(report: Report) -> Document:
    """What was signed last. Raises Signature.DoesNotExist for a report that never was."""
    return Document.from_json(report.signatures.latest("number").document)


def status_of(report: Report) -> str:
    """A document's status: what is being amended is a draft of the next one."""
    return str(Status.DRAFT if report.status == Status.AMENDING else report.status)


def person_of(study: Study) -> Person:
    """The patient as the study names them on its way out, corrections included."""
    return Person(
        name=study.patient_name,
        identifier=study.patient_identifier,
        issuer=study.patient_id_issuer,
        birth_date=study.patient_birth_date,
        sex=study.patient_sex,
    )


def examination_of(study: Study) -> Examination:
    """The study, with the modalities of its images."""
    parts = study.series.exclude(body_part_examined="").values_list("body_part_examined", flat=True)
    return Examination(
        study_uid=study.study_instance_uid,
        date=study.study_date,
        time=study.study_time,
        description=study.study_description,
        accession_number=study.accession_number,
        modalities=examined(study.modalities),
        referring_physician=study.referring_physician_name,
        body_part=parts.first() or "",
    )
