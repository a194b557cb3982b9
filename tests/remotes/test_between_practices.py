"""Importing and sending where the other archive is this software too: one practice's server, called by another's."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Instance
from apps.dimse.server import Address, Server
from apps.remotes import directory, exporting, importing
from apps.remotes.admission import admit
from apps.remotes.asking import Query
from apps.remotes.found import Have
from apps.remotes.models import ApplicationEntity, Remote
from apps.remotes.searching import search
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.dimse.conftest import QUICK
from tests.remotes.jobs import do

JPEG = "1.2.840.10008.1.2.4.50"
NAME: dict[str, Any] = {"PatientName": "Łukasz^Żaneta=山田^太郎", "SpecificCharacterSet": "ISO_IR 192"}
COMPRESSED = dicoms.encapsulated(
    [dicoms.jpeg_like()], transfer_syntax=JPEG, StudyInstanceUID=dicoms.STUDY_UID, SeriesInstanceUID=dicoms.uid(1, 8),
    SOPInstanceUID=dicoms.uid(1, 8, 1), **NAME,
)  # fmt: skip


@pytest.fixture
def south(transactional_db: None, practice: Practice, other_practice: Practice) -> Iterator[Remote]:
    """The other practice's archive, as the first practice knows it."""
    ApplicationEntity.objects.create(title="NORTH", practice=practice)
    ApplicationEntity.objects.create(title="SOUTH", practice=other_practice)
    nodes.add_remote(other_practice, "NORTH")
    keep(other_practice, *dicoms.ct_series(3, **NAME), COMPRESSED)
    directory.forget_all()
    with Server([Address("127.0.0.1", 0)], QUICK, admit) as server:
        yield nodes.add_remote(practice, "SOUTH", port=server.ports[0])
    directory.forget_all()


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def test_objects_come_as_they_are_stored(south: Remote, who: Principal) -> None:
    assert do(importing.ask(who, south, [dicoms.STUDY_UID])) == {
        "studies": 1, "instances": 4, "known": 0, "fetched": 4
    }  # fmt: skip
    assert _syntaxes(south.practice) == _syntaxes(Practice.objects.get(name="South"))


def test_a_search_tells_how_much_is_here(south: Remote, who: Principal) -> None:
    by_name = Query(patient_name="lukasz", modality="CT")
    (before,) = search(who, south, by_name, source="tests").studies
    assert (before.patient_name, before.instance_count, before.have) == (NAME["PatientName"], 4, Have.NONE)
    do(importing.ask(who, south, [dicoms.STUDY_UID]))
    (after,) = search(who, south, by_name, source="tests").studies
    assert after.have is Have.ALL


def test_single_instances_are_asked_for_by_their_uids(south: Remote, who: Principal) -> None:
    keep(south.practice, *dicoms.ct_series(2, **NAME))
    result = do(importing.ask(who, south, [dicoms.STUDY_UID]))
    assert result == {"studies": 1, "instances": 4, "known": 2, "fetched": 2}


def test_what_is_sent_arrives_in_the_other_practice(south: Remote, who: Principal) -> None:
    sent = dicoms.ct_slice(StudyInstanceUID=dicoms.uid(40), SOPInstanceUID=dicoms.uid(40, 1))
    keep(south.practice, sent)
    do(exporting.ask(who, south, [dicoms.uid(40)]))
    arrived = Instance.objects.filter(series__study__practice__name="South", sop_instance_uid=dicoms.uid(40, 1))
    assert arrived.get().series.study.source == "C-STORE"


def _syntaxes(practice: Practice) -> list[tuple[str, str, int]]:
    rows = Instance.objects.filter(series__study__practice=practice).order_by("sop_instance_uid")
    return list(rows.values_list("sop_instance_uid", "transfer_syntax_uid", "number_of_frames"))
