"""Another archive, which has a study of Jane's, one of her twin John's, and one of a stranger with Jane's number."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Practice
from apps.practice.leads import people
from apps.practice.models import Lead
from apps.remotes import admission, callers
from apps.remotes.models import ApplicationEntity, Remote
from tests import dicoms
from tests.practice.appointments.booked import secretary
from tests.remotes.qrscp import Archive, archive

JANE, JOHN, STRANGER = dicoms.uid(81), dicoms.uid(82), dicoms.uid(83)


def slice_of(study_uid: str, **patient: Any) -> bytes:
    known = {"PatientBirthDate": "19800102", "PatientSex": "F", "StudyInstanceUID": study_uid}
    uids = {"SeriesInstanceUID": f"{study_uid}.1", "SOPInstanceUID": f"{study_uid}.1.1"}
    return dicoms.ct_slice(Rows=8, Columns=8, **{**known, **uids, **patient})


@pytest.fixture(autouse=True)
def nobody_known() -> None:
    admission.forget_all()
    callers.forget_all()


@pytest.fixture
def title(practice: Practice) -> ApplicationEntity:
    return ApplicationEntity.objects.create(title="NORTH", practice=practice)


@pytest.fixture
def remote(tmp_path: Path, title: ApplicationEntity) -> Iterator[Remote]:
    with archive(tmp_path / "old") as old:
        yield filled(old).remote(title.practice)


@pytest.fixture
def nowhere(title: ApplicationEntity) -> Remote:
    return Remote.objects.create(practice=title.practice, name="Nowhere", title="NO", host="127.0.0.1", port=1)


@pytest.fixture
def lead(practice: Practice) -> Lead:
    """Jane, by the number that devices have of her."""
    facts = {"family_name": "Doe", "given_name": "Jane", "birth_date": "1980-01-02", "sex": "F", "patient_id": "P7"}
    taken = people.create(secretary(practice), practice.pk, facts, source="test")
    assert isinstance(taken, Lead)
    return taken


def filled(old: Archive) -> Archive:
    old.add(
        slice_of(JANE, PatientName="Doe^Jane", PatientID="X-1", StudyDate="20240301"),
        slice_of(JOHN, PatientName="Doe^John", PatientID="X-2", PatientSex="M", StudyDate="20240201"),
        slice_of(STRANGER, PatientName="Petrov^Ivan", PatientID="P7", PatientBirthDate="19550606", PatientSex="M",
                 StudyDate="20240101"),
    )  # fmt: skip
    return old
