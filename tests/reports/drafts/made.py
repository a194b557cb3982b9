"""A template in code, and reports by it, for the tests of what is written."""

from hashlib import sha256
from typing import Any

from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.dicom.sr_tree import Code
from apps.reports.content.structure import Field, FieldKind, Note, Option, Section, Structure
from apps.reports.models import Report, ReportTemplate, TemplateVersion
from apps.reports.mrrt.writing import source_of
from tests import dicoms
from tests.dicomweb.archive import keep

MILLIMETRE = Code("mm", "mm", "UCUM")
DENSE = Code("Dense", "1", "99T")
STRUCTURE = Structure(
    identifier="https://example.org/chest",
    title="CT of the chest",
    language="en",
    modalities=("CT",),
    sections=(
        Section("history", "History", Code("History", "121060", "DCM"), (Field("why", FieldKind.TEXT, "Reason"),)),
        Section(
            "findings",
            "Findings",
            Code("Findings", "121070", "DCM"),
            (
                Note("Compared with earlier images."),
                Field("text", FieldKind.LONG_TEXT, "Lungs", is_required=True, default="Clear."),
                Field("size", FieldKind.NUMBER, "Nodule", unit=MILLIMETRE, least=1.0, most=99.0),
                Section(
                    "more",
                    "More",
                    items=(
                        Field(
                            "kind",
                            FieldKind.CHOICE,
                            "Kind",
                            options=(Option("d", "dense", DENSE), Option("g", "ground glass")),
                        ),
                        Field(
                            "sides",
                            FieldKind.CHOICES,
                            "Sides",
                            options=(Option("l", "left"), Option("r", "right")),
                            default=(),
                        ),
                        Field("contrast", FieldKind.CHECK, "Contrast agent was given"),
                        Field("seen", FieldKind.DATE, "Seen on"),
                        Field("at", FieldKind.TIME, "Seen at"),
                    ),
                ),
            ),
        ),
        Section(
            "conclusion",
            "Impression",
            Code("Impressions", "121072", "DCM"),
            (Field("impression", FieldKind.LONG_TEXT, "Impression", is_required=True),),
        ),
    ),
)
ADDRESS = "/api/reports"


def template(practice: Practice | None = None, structure: Structure = STRUCTURE) -> TemplateVersion:
    """Its newest version, taken in as it is."""
    row = ReportTemplate.objects.create(
        practice=practice, identifier=structure.identifier, title=structure.title, language=structure.language,
        modalities=list(structure.modalities),
    )  # fmt: skip
    source = source_of(structure)
    return TemplateVersion.objects.create(
        template=row, number=1, source=source, digest=sha256(source.encode()).hexdigest()
    )


def study(practice: Practice) -> Study:
    keep(practice, dicoms.ct_slice(PatientName="Doe^Jane", PatientID="P1"))
    return Study.objects.select_related("practice", "patient").get(study_instance_uid=dicoms.STUDY_UID)


def begin(client: Client, of: Study, **said: Any) -> Any:
    answer = client.post(ADDRESS, {"study": of.study_instance_uid, **said}, content_type="application/json")
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def save(client: Client, report: Any, revision: int | None = None, **said: Any) -> Any:
    """The answer to a change of the report that was read in this revision, its newest by default."""
    number = report["revision"] if revision is None else revision
    body = {"revision": number, **said}
    return client.patch(f"{ADDRESS}/{report['id']}", body, content_type="application/json")


def written(report: Report | Any) -> Report:
    """As it is in the database."""
    return Report.objects.get(pk=report["id"])
