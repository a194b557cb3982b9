"""Editing and merging patients: what is told from then on, what comes later, and undoing all of it."""

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.corrections import verbs
from apps.archive.integrity import check
from apps.archive.models import Instance, Patient, Study
from apps.core.errors import Conflict
from tests.corrections.conftest import (
    A_STUDY,
    B_STUDY,
    everything,
    file,
    found,
    metadata,
    names,
    of_jane,
    of_john,
    where,
)
from tests.dicomweb.archive import keep

pytestmark = pytest.mark.django_db


def test_an_edited_name_is_told_everywhere(client: Client, nora: Principal, jane: Patient) -> None:
    verbs.edit_patient(nora, jane.pk, {"patient_name": "Smith^Jane"}, "married")
    assert names(client) == ["Smith^Jane"]
    assert (
        names(client, "?PatientName=smith") == names(client, "?PatientName=smiht&fuzzymatching=true") == ["Smith^Jane"]
    )
    assert found(client, "?PatientName=doe") == []
    for place in (f"studies/{A_STUDY}", f"studies/{A_STUDY}/series/{A_STUDY}.1", where(A_STUDY)):
        (header,) = metadata(client, place)
        assert header["00100010"]["Value"] == [{"Alphabetic": "Smith^Jane"}]
    assert file(client, where(A_STUDY)).PatientName == "Smith^Jane"


def test_what_was_before_is_told_with_it(client: Client, nora: Principal, jane: Patient) -> None:
    verbs.edit_patient(nora, jane.pk, {"patient_name": "Smith^Jane", "patient_sex": "F"}, "married")
    (item,) = file(client, where(A_STUDY)).OriginalAttributesSequence
    (before,) = item.ModifiedAttributesSequence
    assert [(element.keyword, element.value) for element in before] == [("PatientName", "Doe^Jane")]
    assert (item.ReasonForTheAttributeModification, item.ModifyingSystem) == ("CORRECT", "Fovea")
    assert item.AttributeModificationDateTime


def test_the_stored_bytes_stay(client: Client, nora: Principal, jane: Patient) -> None:
    verbs.edit_patient(nora, jane.pk, {"patient_name": "Smith^Jane"}, "married")
    assert list(check()) == []


def test_undo_restores_every_answer(client: Client, nora: Principal, jane: Patient, john: Patient) -> None:
    before = everything(client)
    made = verbs.edit_patient(nora, jane.pk, {"patient_name": "Smith^Jane", "patient_id": "P9"}, "typo")
    assert made is not None
    assert everything(client) != before
    verbs.undo(nora, made.pk)
    assert everything(client) == before


def test_merged_studies_are_the_other_patients(client: Client, nora: Principal, jane: Patient, john: Patient) -> None:
    verbs.merge(nora, jane.pk, john.pk, "the same person")
    assert len(found(client, "?PatientID=P2")) == 2
    assert found(client, "?PatientID=P1") == []
    dataset = file(client, where(A_STUDY))
    assert (dataset.PatientName, dataset.PatientID, dataset.PatientSex) == ("Roe^John", "P2", "M")
    (item,) = dataset.OriginalAttributesSequence
    assert item.ReasonForTheAttributeModification == "COERCE"
    assert item.ModifiedAttributesSequence[0].PatientID == "P1"
    assert "OriginalAttributesSequence" not in file(client, where(B_STUDY))


def test_unmerge_restores_every_answer(client: Client, nora: Principal, jane: Patient, john: Patient) -> None:
    before = everything(client)
    verbs.merge(nora, jane.pk, john.pk, "the same person")
    assert everything(client) != before
    verbs.unmerge(nora, jane.pk)
    assert everything(client) == before


def test_what_comes_later_follows_the_merge_and_goes_back(
    client: Client, nora: Principal, jane: Patient, john: Patient, practice: Practice
) -> None:
    verbs.merge(nora, jane.pk, john.pk, "the same person")
    keep(practice, of_jane(InstanceNumber=2), of_jane(InstanceNumber=3, StudyInstanceUID=f"{A_STUDY}.9"))
    assert {row["00100020"]["Value"][0] for row in found(client)} == {"P2"}
    assert set(Study.objects.values_list("patient", flat=True)) == {john.pk}
    assert file(client, where(A_STUDY, number=2)).PatientName == "Roe^John"
    verbs.unmerge(nora, jane.pk)
    assert len(found(client, "?PatientID=P1")) == 2
    assert file(client, where(A_STUDY, number=2)).PatientName == "Doe^Jane"
    assert "OriginalAttributesSequence" not in file(client, where(A_STUDY, number=2))


def test_later_arrivals_alone_give_what_they_would_have_given(
    client: Client, nora: Principal, jane: Patient, john: Patient, practice: Practice
) -> None:
    """After an unmerge the index is as if there had been no merge while the images came."""
    verbs.merge(nora, jane.pk, john.pk, "the same person")
    keep(practice, of_jane(InstanceNumber=2))
    verbs.unmerge(nora, jane.pk)
    after = everything(client)
    Study.objects.get(study_instance_uid=A_STUDY).delete()
    Instance.objects.filter(series__study__study_instance_uid=A_STUDY).delete()
    keep(practice, of_jane(), of_jane(InstanceNumber=2))
    assert everything(client) == after


def test_chains_and_their_undoing(
    client: Client, nora: Principal, jane: Patient, john: Patient, practice: Practice
) -> None:
    keep(practice, of_john(StudyInstanceUID="1.2.3", SOPInstanceUID="1.2.3.4", PatientID="P3", PatientName="Poe^Ann"))
    ann = Patient.objects.get(patient_id="P3")
    verbs.merge(nora, jane.pk, john.pk, "one")
    verbs.merge(nora, john.pk, ann.pk, "two")
    assert names(client, "?PatientID=P3") == ["Poe^Ann"] * 3
    verbs.unmerge(nora, jane.pk)
    assert sorted(names(client)) == ["Doe^Jane", "Poe^Ann", "Poe^Ann"]
    verbs.unmerge(nora, john.pk)
    assert sorted(names(client)) == ["Doe^Jane", "Poe^Ann", "Roe^John"]


def test_nobody_is_merged_in_a_circle(nora: Principal, jane: Patient, john: Patient) -> None:
    verbs.merge(nora, jane.pk, john.pk, "one")
    for one, other in ((john, jane), (jane, john), (john, john)):
        with pytest.raises(Conflict):
            verbs.merge(nora, one.pk, other.pk, "back")


def test_images_with_the_corrected_patient_id_are_theirs(
    client: Client, nora: Principal, jane: Patient, practice: Practice
) -> None:
    made = verbs.edit_patient(nora, jane.pk, {"patient_id": "P9"}, "typo")
    assert made is not None
    keep(practice, of_jane(PatientID="P9", StudyInstanceUID=f"{A_STUDY}.8", SOPInstanceUID=f"{A_STUDY}.8.1"))
    assert set(Study.objects.values_list("patient", flat=True)) == {jane.pk}
    verbs.undo(nora, made.pk)
    assert {row["00100020"]["Value"][0] for row in found(client)} == {"P1", "P9"}
    assert Study.objects.values_list("patient").distinct().count() == 2


def test_a_patient_id_that_is_taken_is_refused(nora: Principal, jane: Patient, john: Patient) -> None:
    with pytest.raises(Conflict, match="merge the two"):
        verbs.edit_patient(nora, jane.pk, {"patient_id": "P2"}, "typo")
