"""UPS-RS (PS3.18 11.4 to 11.8): each transaction with the status and the Warning that the standard has for it."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.worklist.models import Workitem
from tests.dicomweb.workitems import DONE, GIVEN_UP, LOCK, UID, WORKITEMS, Ups, asked, element, warning_of


@pytest.fixture
def ups(client: Client) -> Ups:
    return Ups(client)


@pytest.fixture
def made(ups: Ups) -> Ups:
    assert ups.create().status_code == 201
    return ups


@pytest.fixture
def claimed(made: Ups) -> Ups:
    assert made.change("IN PROGRESS").status_code == 200
    return made


def test_created_and_retrieved(ups: Ups) -> None:
    """11.4, 11.5: 201 with its address; the data set as it was sent, with what the server adds."""
    answer = ups.create()
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer["Location"] == answer["Content-Location"] == f"http://testserver{WORKITEMS}/{UID}"
    found = ups.dataset()
    assert found.items() >= asked().items()
    assert found["00080016"]["Value"] == ["1.2.840.10008.5.1.4.34.6.1"]
    assert "00404010" in found


def test_what_may_be_empty_is_added_with_a_warning(ups: Ups) -> None:
    answer = ups.create()
    assert warning_of(answer) == "The Workitem was created with modifications."
    assert answer["Warning"].startswith("299 http://testserver/dicom-web: ")
    assert ups.dataset()["00404025"] == {"vr": "SQ"}


def test_a_whole_workitem_is_taken_without_a_warning(made: Ups) -> None:
    dataset = made.dataset() | {"00080018": element("UI", "1.2.9")}
    answer = made.create([dataset])
    assert (answer.status_code, "Warning" in answer.headers) == (201, False)


@pytest.mark.parametrize("query", ["?AffectedSOPInstanceUID=1.2.5", "?workitem=1.2.5", "?1.2.5"])
def test_the_uid_may_be_in_the_query(ups: Ups, query: str) -> None:
    answer = ups.create(asked(t00080018=None), query)
    assert answer["Location"].endswith("/1.2.5")


def test_without_a_uid_one_is_made(ups: Ups) -> None:
    location = ups.create(asked(t00080018=None))["Location"]
    assert ups.client.get(location).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"t00741204": None},
        {"t00404005": element("DT")},
        {"t00404005": element("DT", "tomorrow")},
        {"t00741200": element("CS", "SOON")},
        {"t00741000": element("CS", "IN PROGRESS")},
        {"t00741216": DONE["00741216"]},
        {"t00080018": element("UI", "1.2.840.10008.5.1.4.34.5")},
        {"t00080018": element("UI", "../../etc")},
        {"t00100010": "Doe^Jane"},
        {"t00404018": element("SQ", "no item")},
        {"tPatientName": element("PN", "Doe")},
    ],
)
def test_what_can_not_be_created(ups: Ups, changes: dict[str, Any]) -> None:
    assert ups.create(asked(**changes)).status_code == 400
    assert not Workitem.objects.exists()


def test_the_same_uid_twice_is_a_conflict(made: Ups) -> None:
    assert made.create().status_code == 409


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"{", "application/dicom+json", 400),
    (b"[]", "application/dicom+json", 400),
    (b"{}", "text/plain", 415),
    (b" " * (3 << 20), "application/dicom+json", 413),
])  # fmt: skip
def test_bodies_that_are_no_data_set(client: Client, body: bytes, kind: str, status: int) -> None:
    assert client.generic("POST", WORKITEMS, body, content_type=kind).status_code == status


def test_claimed_and_completed(claimed: Ups) -> None:
    """11.6, 11.7: claim, set what was done, complete; the Transaction UID is told to nobody."""
    assert claimed.update(DONE, query=f"?transaction-uid={LOCK}").status_code == 200
    answer = claimed.change("COMPLETED")
    assert (answer.status_code, answer.content) == (200, b"")
    assert claimed.state_of() == "COMPLETED"
    assert LOCK not in claimed.get().content.decode()
    assert LOCK not in str(claimed.found("?includefield=all"))


def test_claimed_and_given_up(claimed: Ups) -> None:
    assert claimed.update(GIVEN_UP, query=f"?{LOCK}").status_code == 200
    assert claimed.change("CANCELED").status_code == 200
    assert claimed.state_of() == "CANCELED"


INCONSISTENT = "The submitted request is inconsistent with the state of the UPS Instance."


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELED"])
def test_what_nobody_has_claimed_can_not_end(made: Ups, state: str) -> None:
    answer = made.change(state)
    assert (answer.status_code, warning_of(answer)) == (409, INCONSISTENT)


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELED"])
def test_what_lacks_its_results_can_not_end(claimed: Ups, state: str) -> None:
    answer = claimed.change(state)
    assert (answer.status_code, warning_of(answer)) == (409, INCONSISTENT)
    assert "Sequence" in answer.json()["detail"]


def test_claimed_twice(claimed: Ups) -> None:
    answer = claimed.change("IN PROGRESS")
    assert (answer.status_code, warning_of(answer)) == (409, INCONSISTENT)
    other = claimed.change("IN PROGRESS", "1.2.3")
    assert (other.status_code, warning_of(other)) == (400, "The Transaction UID is incorrect.")


def test_a_lock_is_wanted_and_the_right_one(claimed: Ups) -> None:
    missing, wrong = claimed.change("COMPLETED", None), claimed.change("COMPLETED", "1.2.3")
    assert (missing.status_code, warning_of(missing)) == (400, "The Transaction UID is missing.")
    assert (wrong.status_code, warning_of(wrong)) == (400, "The Transaction UID is incorrect.")


@pytest.mark.parametrize(("results", "state", "other"), [(DONE, "COMPLETED", "CANCELED"),
                                                         (GIVEN_UP, "CANCELED", "COMPLETED")])  # fmt: skip
def test_ended_once_more(claimed: Ups, results: Any, state: str, other: str) -> None:
    claimed.update(results, query=f"?{LOCK}")
    assert claimed.change(state).status_code == 200
    again = claimed.change(state)
    assert (again.status_code, warning_of(again)) == (200, f"The UPS is already in the requested state of {state}.")
    assert claimed.change(other).status_code == 409


def test_no_state_but_the_three(made: Ups) -> None:
    assert made.change("SCHEDULED").status_code == 400


def test_updated_before_anybody_claims_it(made: Ups) -> None:
    assert made.update({"00741200": element("CS", "HIGH")}).status_code == 200
    assert made.dataset()["00741200"]["Value"] == ["HIGH"]
    assert made.found("?ScheduledProcedureStepPriority=HIGH")


def test_an_update_of_what_is_not_claimed_has_no_lock(made: Ups) -> None:
    answer = made.update({"00741200": element("CS", "HIGH")}, query=f"?transaction-uid={LOCK}")
    assert (answer.status_code, warning_of(answer)) == (409, "The target URI did not reference a claimed Workitem.")


@pytest.mark.parametrize("query", ["", "?transaction-uid=1.2.3"])
def test_an_update_of_what_is_claimed_has_its_lock(claimed: Ups, query: str) -> None:
    answer = claimed.update({"00741200": element("CS", "HIGH")}, query=query)
    assert (answer.status_code, warning_of(answer)) == (400, "The target URI did not reference a claimed Workitem.")
    assert claimed.dataset()["00741200"]["Value"] == ["MEDIUM"]


def test_an_ended_workitem_is_not_updated(claimed: Ups) -> None:
    claimed.update(DONE, query=f"?{LOCK}")
    claimed.change("COMPLETED")
    answer = claimed.update({"00741200": element("CS", "HIGH")}, query=f"?{LOCK}")
    assert (answer.status_code, warning_of(answer)) == (
        400,
        "The submitted request is inconsistent with the current state of the Workitem.",
    )


@pytest.mark.parametrize("changes", [
    {"00741000": element("CS", "COMPLETED")},
    {"00100020": element("LO", "P2")},
    {"00080018": element("UI", "1.2.3")},
    {"00741204": element("LO")},
    {"00404041": element("CS", "PERHAPS")},
])  # fmt: skip
def test_what_an_update_does_not_change(made: Ups, changes: Any) -> None:
    before = made.dataset()
    assert made.update(changes).status_code == 400
    assert made.dataset() == before


def test_a_workitem_as_it_was_read_may_be_sent_again(made: Ups) -> None:
    """Many clients change what they have read, and send the whole."""
    whole = made.dataset() | {"00741200": element("CS", "LOW")}
    answer = made.update(whole)
    assert (answer.status_code, warning_of(answer)) == (200, "The Workitem was updated with modifications.")


def test_cancelled_before_anybody_claims_it(made: Ups) -> None:
    """11.8, CC.2.2.3: 202, and it is CANCELED with the reason that was given."""
    answer = made.cancel({"00741238": element("LT", "The patient went home")})
    assert answer.status_code == 202
    (progress,) = made.dataset()["00741002"]["Value"]
    assert progress["00741238"]["Value"] == ["The patient went home"]
    assert progress["0074100E"]["Value"][0]["00080100"]["Value"] == ["110513"]
    again = made.cancel()
    assert (again.status_code, warning_of(again)) == (202, "The UPS is already in the requested state of CANCELED.")


def test_asked_to_be_cancelled_while_nobody_listens(claimed: Ups) -> None:
    answer = claimed.cancel()
    assert (answer.status_code, warning_of(answer)) == (409, "The performer cannot be contacted.")
    claimed.subscribe()
    assert claimed.cancel().status_code == 202
    assert claimed.state_of() == "IN PROGRESS"


def test_a_completed_one_is_not_cancelled(claimed: Ups) -> None:
    claimed.update(DONE, query=f"?{LOCK}")
    claimed.change("COMPLETED")
    answer = claimed.cancel()
    assert (answer.status_code, warning_of(answer)) == (409, "The UPS is already COMPLETED.")


def test_what_is_done_is_on_record(claimed: Ups, practice: Practice) -> None:
    told = Event.objects.filter(practice=practice, action="schedule").values_list("detail", "actor")
    assert list(told.order_by("pk")) == [(f"workitem {UID} created", "nora"), (f"workitem {UID} in progress", "nora")]
