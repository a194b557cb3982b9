"""Who may do what with workitems: allowed, only to look, another practice's user, nobody; and pages that listen."""

from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from apps.accounts.authentication import forget_all
from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.audit import access, pending
from apps.audit.models import Event
from apps.core.errors import FoveaError, Refused, SignInRequired
from apps.dicomweb.workitems.events.admission import Mailbox, Opening, admit, is_still_admitted
from apps.worklist.models import Workitem
from tests.conftest import client_of
from tests.dicomweb.workitems import LOCK, UID, WORKLIST, Ups, asked, element
from tests.rights import give

CLAIM = {"00741000": element("CS", "IN PROGRESS"), "00081195": element("UI", LOCK)}
READS = [("GET", ""), ("GET", f"/{UID}")]
WATCHES = [("POST", f"/{UID}/subscribers/ME"), ("DELETE", f"/{UID}/subscribers/WATCHER")]
WRITES = [
    ("POST", f"/{UID}", {"00741200": element("CS", "HIGH")}),
    ("PUT", f"/{UID}/state", CLAIM),
    ("POST", f"/{UID}/cancelrequest", None),
]


@pytest.fixture
def made(client: Client) -> Ups:
    ups = Ups(client)
    ups.create()
    ups.subscribe()
    return ups


def person(practice: Practice, *permissions: Permission, **grant: Any) -> Ups:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, *permissions, **grant)
    return Ups(client_of(user))


def test_who_may_store_may_write(made: Ups, practice: Practice) -> None:
    ups = person(practice, Permission.VIEW, Permission.UPLOAD)
    assert ups.create(asked("1.2.9")).status_code == 201
    assert [ups.send(*each).status_code for each in WRITES] == [200, 200, 202]


def test_who_may_look_may_look_and_listen(made: Ups, practice: Practice) -> None:
    ups = person(practice, Permission.VIEW)
    assert [ups.send(*each).status_code for each in READS] == [200, 200]
    assert [ups.send(*each).status_code for each in WATCHES] == [201, 200]
    assert ups.create(asked("1.2.9")).status_code == 403
    assert {ups.send(*each).status_code for each in WRITES} == {403}
    assert made.state_of() == "SCHEDULED"


def test_who_reaches_some_studies_sees_no_worklist(made: Ups, practice: Practice) -> None:
    ups = person(practice, scope=Scope.UPLOADS)
    assert ups.found() == []
    assert {ups.send(*each).status_code for each in WRITES} == {404}
    assert ups.subscribe(WORKLIST).status_code == 403


def test_another_practice_sees_nothing(made: Ups, stranger_client: Client) -> None:
    ups = Ups(stranger_client)
    assert ups.found() == []
    assert {ups.send(*each).status_code for each in [*READS[1:], *WATCHES, *WRITES]} == {404}
    assert ups.create().status_code == 201
    assert Workitem.objects.filter(uid=UID).count() == 2


def test_nobody_gets_anything(made: Ups, anonymous: Client) -> None:
    ups = Ups(anonymous)
    assert {ups.send(*each).status_code for each in [*READS, *WATCHES, *WRITES]} == {401}
    assert ups.create().status_code == 401


def test_a_page_of_another_site_changes_nothing(made: Ups) -> None:
    answer = made.send("PUT", f"/{UID}/state", CLAIM, **{"sec-fetch-site": "cross-site"})
    assert (answer.status_code, made.state_of()) == (403, "SCHEDULED")


def test_reads_are_on_record(made: Ups) -> None:
    made.get()
    made.found("?PatientName=Doe*")
    access.flush()
    pending.settle(everything=True)
    told = Event.objects.filter(action__in=["access", "query"]).values_list("source", "detail")
    assert set(told) == {("workitem", ""), ("UPS-RS workitems", "00100010")}


def opening(client: Client | None = None, path: str = "/dicom-web/subscribers/ME", **headers: str) -> Opening:
    cookie = client.cookies[site.SESSION_COOKIE_NAME].value if client else ""
    given = {"Host": "testserver:8044", "Cookie": f"{site.SESSION_COOKIE_NAME}={cookie}", **headers}
    return Opening.of(path, given.items(), "192.0.2.1")


@pytest.mark.parametrize("origin", [None, "http://testserver:8044", "http://testserver:8000"])
def test_the_site_s_own_pages_listen_by_session(client: Client, practice: Practice, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    assert admit(opening(client, **headers)) == Mailbox(practice.pk, "ME")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example:8000", "null"])
def test_other_pages_do_not(client: Client, origin: str) -> None:
    with pytest.raises(Refused):
        admit(opening(client, Origin=origin))


def test_nobody_listens() -> None:
    with pytest.raises(SignInRequired):
        admit(opening())


@pytest.mark.parametrize("path", ["/", "/subscribers/", "/subscribers/A/B", "/subscribers/ ", "/subscribers/%0A"])
def test_what_is_no_channel(client: Client, path: str) -> None:
    with pytest.raises(FoveaError):
        admit(opening(client, path))


def test_who_loses_the_right_is_let_in_no_more(client: Client, practice: Practice, user: User) -> None:
    request = opening(client)
    mailbox = admit(request)
    assert is_still_admitted(request, mailbox)
    user.grants.all().delete()
    forget_all()
    assert not is_still_admitted(request, mailbox)
