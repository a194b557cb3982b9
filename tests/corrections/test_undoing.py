"""Whatever is corrected, in whatever order it is undone: then everything is told as it was before."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.corrections import verbs
from apps.archive.models import Correction, Patient
from apps.core.errors import Conflict
from tests.corrections.conftest import A_STUDY, B_STUDY, everything, of_jane, of_john
from tests.dicomweb.archive import keep

STUDIES = (A_STUDY, B_STUDY)
NAMES = ("Smith^Jane", "Żółć^Ądam", "山田^太郎", "Roe^John")
people = st.sampled_from([0, 1, 2])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("name"), people, st.sampled_from(NAMES)),
        st.tuples(st.just("id"), people, st.sampled_from(["P1", "P2", "P8", "P9"])),
        st.tuples(st.just("merge"), people, people),
        st.tuples(st.just("move"), st.sampled_from(STUDIES), people),
        st.tuples(st.just("describe"), st.sampled_from(STUDIES), st.sampled_from(["Thorax", "Größe", ""])),
    ),
    min_size=1,
    max_size=6,
)


def take(nora: Principal, patients: list[int], step: tuple[Any, Any, Any]) -> None:
    """Do it where it can be done: some of these corrections conflict with those before them."""
    what, one, other = step
    try:
        match what:
            case "name":
                verbs.edit_patient(nora, patients[one], {"patient_name": other}, "why")
            case "id":
                verbs.edit_patient(nora, patients[one], {"patient_id": other}, "why")
            case "merge":
                verbs.merge(nora, patients[one], patients[other], "why")
            case "move":
                verbs.move(nora, one, patients[other], "why")
            case "describe":
                verbs.edit_study(nora, one, {"study_description": other}, "why")
    except Conflict:
        return


def undo_what_can_be(nora: Principal, made: list[int]) -> None:
    """A Patient ID that somebody else has been given meanwhile must be free again first: those wait."""
    count = Correction.objects.standing().count()
    for pk in made:
        try:
            verbs.undo(nora, pk)
        except Conflict:
            continue
    assert Correction.objects.standing().count() < count


@pytest.mark.django_db
def test_undoing_all_restores_everything(client: Client, nora: Principal, practice: Practice) -> None:
    keep(practice, of_jane(), of_jane(InstanceNumber=2, PatientName="DOE^J"))
    keep(practice, of_john(SpecificCharacterSet="ISO_IR 100"))
    keep(practice, of_john(StudyInstanceUID="1.2.3", SOPInstanceUID="1.2.3.4", PatientID="P3"))
    patients = list(Patient.objects.order_by("pk").values_list("pk", flat=True))
    before = everything(client)

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(steps, st.randoms(use_true_random=False))
    def check(taken: list[tuple[Any, Any, Any]], random: Any) -> None:
        for step in taken:
            take(nora, patients, step)
        while made := list(Correction.objects.standing().values_list("pk", flat=True)):
            random.shuffle(made)
            undo_what_can_be(nora, made)
        assert everything(client) == before

    check()
