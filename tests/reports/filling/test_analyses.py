"""What analyses and dose reports have found: the calcium score, lesions that are followed, and radiation."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pydicom.dataset import Dataset

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.analysis.models import Analysis, Verdict
from apps.archive.models import Study
from apps.reports.content.entries import Entry
from apps.reports.content.structure import FieldKind, Option
from tests import dicoms, documents
from tests.conftest import PASSWORD
from tests.dicomweb.archive import keep
from tests.lesions.studies import imaged, line, measurement, reported, study_uid
from tests.lesions.test_api import add, found
from tests.reports.filling.made import field, fill, said
from tests.rights import give

pytestmark = pytest.mark.django_db


def score(agatston: float, **more: Any) -> dict[str, Any]:
    return {"agatston": agatston, "volume": 90.5, "mass": None, "density": 2.0, "lesions": 3, "peak": 500.0, **more}


SUMMARY: dict[str, Any] = {
    "scores": [score(100.5, vessel="LAD"), score(0.0, vessel="RCA")],
    "total": score(100.5),
    "category": "moderate",
    "cacDrs": "A2/N1",
    "percentiles": {"found": [{"least": 75, "below": 90}], "why": ""},
    "risk": {"percent": 8.4, "missing": [], "source": "A source"},
}


TOLD = (
    "Agatston score 100.5 (LAD 100.5, RCA 0). Moderate (above 100, up to 400). CAC-DRS A2/N1. "
    "Percentile for age and sex: 75 to 90. 10-year risk of coronary heart disease: 8.4 %."
)
FOLLOWED = (
    "Sum of diameters 18 mm (\N{MINUS SIGN}40 % since the nadir). "
    "Overall response by RECIST 1.1: Partial response (PR)."
)


def calcium(study: Study, verdict: Verdict, summary: dict[str, Any] = SUMMARY) -> Analysis:
    return Analysis.objects.create(
        study=study, kind="calcium", fingerprint=str(Analysis.objects.count()), run=1, summary=summary, verdict=verdict,
        series_instance_uids=["1.2.3"], stored_at=timezone.now(),
    )  # fmt: skip


def test_the_calcium_score(practice: Practice, user: User) -> None:
    study = imaged(practice, 1)
    analysis = calcium(study, Verdict.UNVERIFIED)
    words = (
        "calcium.agatston", "calcium.agatston(RCA)", "calcium.agatston(LM)", "calcium.volume", "calcium.mass",
        "calcium.cacDrs", "calcium.percentile", "calcium.risk", "calcium.category", "calcium.summary",
    )  # fmt: skip
    assert said(study, user, *words) == [
        "100.5", "0", "", "90.5 mm³", "", "A2/N1", "75 to 90", "8.4 %", "Moderate (above 100, up to 400)",
        TOLD,
    ]  # fmt: skip
    entry = category(study, user)
    assert (entry.value, entry.is_confirmed) == ("moderate", False)
    assert entry.source is not None
    assert entry.source.reference == f"analysis {analysis.pk}"
    assert "unverified" in entry.source.said


def test_an_accepted_score_is_confirmed_and_a_rejected_one_is_none(practice: Practice, user: User) -> None:
    study = imaged(practice, 1)
    calcium(study, Verdict.ACCEPTED, {**SUMMARY, "category": "mild"})
    calcium(study, Verdict.UNVERIFIED)
    entry = category(study, user)
    assert (entry.value, entry.is_confirmed) == ("mild", True)
    Analysis.objects.update(verdict=Verdict.REJECTED)
    assert said(study, user, "calcium.summary") == [""]


def category(study: Study, user: User) -> Entry:
    options = tuple(Option(each, each.title()) for each in ("none", "mild", "moderate"))
    return fill(study, user, field("calcium.category", FieldKind.CHOICE, options=options)).entries["it"]


def test_lesions_that_are_followed(client: Client, practice: Practice, user: User) -> None:
    for number in (0, 1):
        imaged(practice, number)
    reported(practice, 0, line(0, 30, (20, 20), tracking=1, label="Segment VII"))
    study = reported(practice, 1, line(1, 18, (20, 20), tracking=1, label="Segment VII"))
    lesion = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    assert found(client, lesion, 1, measurement=measurement(1, 1)).status_code == 200
    words = ("lesions.sum", "lesions.change", "lesions.response", "lesions.list", "lesions.summary")
    told = [
        "18 mm", "-40 %", "Partial response (PR)",
        "Segment VII (Target lesion): 18 mm (previous 30 mm on 2025-01-10, \N{MINUS SIGN}40 %)", FOLLOWED,
    ]  # fmt: skip
    assert said(study, user, *words) == told
    narrow = User.objects.create_user("narrow", password=PASSWORD, practice=practice)
    give(narrow, practice, Permission.VIEW, Permission.REPORT, scope="study", subject=study_uid(1))
    assert said(study, narrow, *words) == [""] * len(words)


def test_the_dose_report(practice: Practice, user: User) -> None:
    study = imaged(practice, 1, CTDIvol=4.0)
    assert said(study, user, "dose.ctdiVol", "dose.dlp") == ["4 mGy", ""]
    dose = documents.report(
        _dose("CT Dose Length Product Total", "113813", "340.5", "mGy.cm"),
        _dose("Mean CTDIvol", "113830", "5.5", "mGy"),
        _dose("Mean CTDIvol", "113830", "7.25", "mGy"),
        _dose("Dose Area Product Total", "113722", "0.00002", "Gy.m2"),
        sop_class="1.2.840.10008.5.1.4.1.1.88.67", StudyInstanceUID=study.study_instance_uid,
        SeriesInstanceUID=dicoms.uid(70, 1), SOPInstanceUID=dicoms.uid(70, 2),
    )  # fmt: skip
    keep(practice, dose)
    study.refresh_from_db()
    assert said(study, user, "dose.ctdiVol", "dose.dlp", "dose.areaProduct", "dose.summary") == [
        "7.25 mGy", "340.5 mGy·cm", "2 dGy·cm²",
        "CTDIvol 7.25 mGy, DLP 340.5 mGy·cm, dose area product 2 dGy·cm².",
    ]  # fmt: skip


def _dose(meaning: str, value: str, number: str, unit: str) -> Dataset:
    item = documents.number(meaning, number, unit)
    item.ConceptNameCodeSequence = [documents.code(meaning, value, "DCM")]
    return item
