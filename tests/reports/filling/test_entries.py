"""Fields are filled in from all that is known of a study, each value with where it is from."""

import pytest

from apps.accounts.models import Practice, User
from apps.archive.models import Study
from apps.archive.viewing import viewer_url
from apps.reports.content.entries import SourceKind
from apps.reports.content.structure import FieldKind, Option
from tests.lesions.studies import imaged, line, reported
from tests.reports.filling.made import CM, LENGTH, MM, field, fill, said

pytestmark = pytest.mark.django_db

SCAN = {
    "KVP": "120", "Exposure": "200", "SliceThickness": "1.25", "Manufacturer": "Maker", "ManufacturerModelName": "One",
    "ContrastBolusAgent": "Iohexol", "ContrastBolusVolume": "80", "ProtocolName": "Chest",
    "PatientBirthDate": "19600115", "PatientSex": "F", "PatientWeight": "61.5", "AccessionNumber": "A7",
    "StudyDescription": "CT chest", "BodyPartExamined": "CHEST",
}  # fmt: skip


@pytest.fixture
def study(practice: Practice) -> Study:
    return imaged(practice, 1, **SCAN)


def test_the_study_and_its_patient(study: Study, user: User) -> None:
    asked = {
        "patient.name": "Doe, Jane",
        "patient.age": "65 years",
        "patient.sex": "Female",
        "patient.weight": "61.5 kg",
        "study.description": "CT chest",
        "study.date": "2025-03-10",
        "study.time": "10:15:00",
        "study.bodyPart": "CHEST",
        "study.instanceCount": "3",
        "practice.name": "North",
        "patient.allergies": "",
        "patient.allergies | 'None known.'": "None known.",
        "{patient.age}[, {patient.allergies}][; {study.accession}] [[___]]": "65 years; A7 [___]",
        "{patient.allergies} and no more": "",
        "lead.name": "",
        "appointment.indication": "",
        "calcium.summary": "",
        "lesions.summary": "",
        "prior.comparison": "",
        "dose.summary": "",
    }
    assert dict(zip(asked, said(study, user, *asked), strict=True)) == asked


def test_technique_is_in_the_templates_language(study: Study, user: User) -> None:
    [technique] = said(study, user, "series.technique")
    assert technique == (
        "CT, Maker One, protocol Chest, tube voltage 120 kV, exposure 200 mAs, slice thickness 1.25 mm, "
        "kernel B30f. Contrast agent: Iohexol, 80 mL."
    )
    [amount] = said(study, user, "{series.sliceThickness}", language="fr")
    assert amount == "1,25 mm"


def test_each_kind_of_field_takes_what_it_can(study: Study, user: User) -> None:
    sexes = (Option("f", "Female"), Option("m", "Male"))
    content = fill(
        study,
        user,
        field("series.kvp", FieldKind.NUMBER, "kvp"),
        field("series.sliceThickness", FieldKind.NUMBER, "thickness", unit=CM),
        field("series.kvp", FieldKind.NUMBER, "wrong", unit=MM),
        field("study.date", FieldKind.DATE, "date"),
        field("study.time", FieldKind.TIME, "time"),
        field("patient.sex", FieldKind.CHOICE, "sex", options=sexes),
        field("study.description", FieldKind.CHOICE, "none", options=sexes),
        field("study.modalities", FieldKind.CHOICES, "kinds", options=(Option("CT", "CT"), Option("MR", "MR"))),
        field("prior.list | 'one\ntwo'", FieldKind.TEXT, "line"),
        field("no.word", FieldKind.TEXT, "unknown"),
    )
    assert {key: entry.value for key, entry in content.entries.items()} == {
        "kvp": "120", "thickness": "0.125", "date": "2025-03-10", "time": "10:15", "sex": "f", "kinds": ("CT",),
        "line": "one two",
    }  # fmt: skip


def test_where_a_value_is_from(study: Study, user: User) -> None:
    entries = fill(study, user, field("series.kvp", key="kvp"), field("'Fixed.'", key="own")).entries
    source, own = entries["kvp"].source, entries["own"].source
    assert source is not None
    assert own is not None
    assert (source.kind, source.said, source.filled) == (SourceKind.DICOM, "From the images, series 1", "120 kV")
    assert source.link == viewer_url(study.study_instance_uid, study.series.get().series_instance_uid)
    assert own.kind is SourceKind.TEMPLATE
    assert entries["own"].is_confirmed
    assert not entries["kvp"].is_edited


def test_where_nothing_is_known_it_says_that_the_template_speaks(study: Study, user: User) -> None:
    [(_, entry)] = fill(study, user, field("prior.comparison | 'None.'")).entries.items()
    assert entry.source is not None
    assert (entry.value, entry.source.said) == ("None.", "From the template, since nothing is known")


def test_a_measurement_by_its_code_and_unit(practice: Practice, study: Study, user: User) -> None:
    reported(practice, 1, line(1, 12.34, (20, 20), tracking=1, label="Nodule"), line(1, 8, (40, 40), tracking=2))
    content = fill(
        study,
        user,
        field("", FieldKind.NUMBER, "by field", code=LENGTH, unit=CM),
        field("measurement(SCT:410668003, pick=largest)", FieldKind.NUMBER, "largest", unit=MM),
        field("measurement(SCT:410668003, pick=smallest)", key="smallest"),
        field("measurement(SCT:410668003, label=nodule, unit=cm)", key="named"),
        field("measurement(SCT:410668003, site=SCT:39607008)", key="elsewhere"),
        field("measurements.list", key="list"),
    )
    values = {key: entry.value for key, entry in content.entries.items()}
    assert values.pop("by field") in {"1.23", "0.8"}
    assert values == {
        "largest": "12.34", "smallest": "8 mm", "named": "1.23 cm",
        "list": "Nodule, Length: 12.34 mm\nLiver, Length: 8 mm",
    }  # fmt: skip
    assert all(entry.is_confirmed for entry in content.entries.values())
    assert len(content.measurements) == 2
