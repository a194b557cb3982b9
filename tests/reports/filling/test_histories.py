"""Earlier values of what was measured: of the same thing alone, and of what the writer sees."""

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.corrections.people import merge
from apps.archive.models import Patient, Study
from apps.measurements.models import Measurement
from apps.reports.content.document import Measured, Past
from apps.reports.filling.rows import rows_of
from apps.reports.filling.tabling import measured, measured_of
from tests.conftest import PASSWORD
from tests.lesions.studies import LUNG, imaged, line, reported
from tests.measurements.measured import instead_of, verified
from tests.reports.filling.made import said
from tests.rights import give

pytestmark = pytest.mark.django_db

BEFORE, NOW = 1, 2


@pytest.fixture
def study(practice: Practice) -> Study:
    """A study with four lines, and an earlier one with some of them."""
    imaged(practice, BEFORE)
    imaged(practice, NOW)
    reported(
        practice, BEFORE,
        line(BEFORE, 12, (20, 20), tracking=1, label="Nodule"),
        line(BEFORE, 20, (40, 40), tracking=2, label="Aorta"),
        line(BEFORE, 5, (30, 50), tracking=3, label="Cyst"),
        line(BEFORE, 6, (50, 50), tracking=4, label="Cyst"),
    )  # fmt: skip
    return reported(
        practice, NOW,
        line(NOW, 14.4, (20, 20), tracking=1, label="Renamed", site=LUNG),
        line(NOW, 19, (40, 40), tracking=12, label="Aorta"),
        line(NOW, 7, (30, 50), tracking=13, label="Cyst"),
        line(NOW, 3, (10, 50), tracking=14, site=None),
    )  # fmt: skip


def lines(study: Study, user: User) -> dict[float, Measured]:
    who = Principal.of(user)
    return {each.value: each for each in measured(rows_of(study, who), study, who)}


def test_the_same_thing_by_its_uid_or_by_its_name(study: Study, user: User) -> None:
    found = lines(study, user)
    tracked, named = found[14.4], found[19.0]
    assert tracked.earlier == (Past("20250310", 12.0),)
    assert tracked.change == pytest.approx(20)
    assert named.earlier == (Past("20250310", 20.0),)
    assert named.change == pytest.approx(-5)
    assert tracked.report_uid == study.measurement_reports.get().instance.sop_instance_uid


def test_what_could_be_either_has_no_earlier_value(study: Study, user: User) -> None:
    found = lines(study, user)
    assert found[7.0].earlier == ()
    assert found[3.0].earlier == ()


def test_names_are_of_all_that_is_measured_not_of_what_is_shown(study: Study, user: User, practice: Practice) -> None:
    reported(practice, NOW, line(NOW, 21, (44, 40), tracking=15, label="Aorta"), report_number=2)
    [shown] = Measurement.objects.filter(study=study, value=19)
    [alone] = measured_of(study, [shown.pk], Principal.of(user))
    assert alone.earlier == ()


def test_it_is_told_in_words(study: Study, user: User) -> None:
    shown = (("Renamed", "both"), ("Aorta", "previous"), ("Cyst", "previous"))
    asked = [f"measurement(SCT:410668003, label={label}, show={show})" for label, show in shown]
    [both, before, missing] = said(study, user, *asked)
    assert both == "14.4 mm (previous 12 mm on 2025-03-10, +20 %)"
    assert before == "previous 20 mm on 2025-03-10, \N{MINUS SIGN}5 %"
    assert missing == ""


def test_nothing_of_studies_that_the_writer_does_not_see(study: Study, practice: Practice) -> None:
    user = User.objects.create_user("narrow", password=PASSWORD, practice=practice)
    give(user, practice, Permission.VIEW, Permission.REPORT, scope="study", subject=study.study_instance_uid)
    found = lines(study, user)
    assert set(found) == {14.4, 19.0, 7.0, 3.0}
    assert not any(each.earlier for each in found.values())


def test_what_was_replaced_does_not_count(study: Study, user: User, practice: Practice) -> None:
    old = Measurement.objects.get(study=study, value=14.4)
    replaced = old.report.instance.sop_instance_uid
    again = line(NOW, 15, (20, 20), tracking=1, label="Renamed", site=LUNG)
    of_study = instead_of(replaced, study.study_instance_uid)
    reported(practice, NOW, again, report_number=2, **of_study, **verified())
    found = lines(study, user)
    assert set(found) == {15.0}
    assert found[15.0].is_verified
    assert measured_of(study, [old.pk], Principal.of(user)) == ()


def test_of_a_patient_who_was_merged(study: Study, user: User, practice: Practice) -> None:
    imaged(practice, 0, patient="P2")
    reported(practice, 0, line(0, 10, (20, 20), tracking=1, label="Nodule"), PatientID="P2")
    assert len(lines(study, user)[14.4].earlier) == 1
    other, into = (Patient.objects.get(practice=practice, patient_id=each) for each in ("P2", "P1"))
    merge(other, into)
    Study.objects.filter(patient=other).update(patient=into)
    assert [past.value for past in lines(study, user)[14.4].earlier] == [10.0, 12.0]
