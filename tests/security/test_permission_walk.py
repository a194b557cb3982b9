"""Every address by every method, tried by who may, who may not, another practice's user, nobody, and a link's holder.

The addresses come from the URL configuration: one that is added is tried here without a line more, or fails here for
not saying what it asks for. Other ways in (associations, say) join by a list like `asked` of what each asks for.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.test import Client, TestCase, override_settings
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from apps.accounts.guards import Guard, Open
from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import GuardedAdmin
from apps.reports import waiting
from config import doors
from tests.conftest import client_of
from tests.rights import give
from tests.security import addresses
from tests.security.addresses import Address
from tests.security.stored import ABSENT, SECRETS, Stored, share_elsewhere, store
from tests.sharing.outside import Outside

ASKED = list(addresses.asked())
HIDDEN = {403, 404}
# What one permission lets in to, and the service asks for another one as well.
ALSO: dict[str, Permission] = {
    "POST api/jobs/<int:pk>/cancel": Permission.ADMINISTER,
    "POST api/jobs/<int:pk>/retry": Permission.ADMINISTER,
    "POST api/videos/<int:pk>/cancel": Permission.ADMINISTER,
    "POST api/videos/<int:pk>/retry": Permission.ADMINISTER,
    "DELETE api/videos/<int:pk>": Permission.ADMINISTER,
    "POST api/analyses/<int:pk>/cancel": Permission.ADMINISTER,
    "DELETE api/analyses/<int:pk>": Permission.DELETE,
    "POST api/corrections/<int:pk>/undo": Permission.EDIT,
    "GET api/patients/<int:pk>/corrections": Permission.EDIT,
    "GET api/studies/<str:uid>/corrections": Permission.EDIT,
    "POST api/studies/<str:uid>/match/create-lead": Permission.UPLOAD,
    # The practice's own, and not of whoever asks.
    "PATCH api/phrases/<int:pk>": Permission.ADMINISTER,
    "DELETE api/phrases/<int:pk>": Permission.ADMINISTER,
    "POST admin/reports/phrase/<path:object_id>/change/": Permission.ADMINISTER,
    "GET admin/reports/phrase/<path:object_id>/delete/": Permission.ADMINISTER,
    "POST admin/reports/phrase/<path:object_id>/delete/": Permission.ADMINISTER,
}
# What administrators are let in to, and superusers alone may do.
FOR_SUPERUSERS = {
    "GET admin/archive/study/storage/quota/",
    "POST admin/archive/study/storage/quota/",
    "PATCH api/storage/<int:practice>",
    "GET admin/accounts/user/<path:object_id>/delete/",
    "POST admin/accounts/user/<path:object_id>/delete/",
}
# What is in use, so that it can't be deleted by anybody.
KEPT = {
    "GET admin/accounts/practice/<path:object_id>/delete/",
    "POST admin/accounts/practice/<path:object_id>/delete/",
}
# What asks a remote, which in these tests nobody reaches.
UNREACHED = {"GET api/remotes/<int:pk>/studies/<str:uid>/series"}
# What waits for a worker, of which there is none in these tests.
WAITING = {"GET api/reports/<int:pk>/pptx"}
FORMS = {"POST admin/archive/quarantined/<int:pk>/decide/": {"decision": "discard"}}


Asked = tuple[Address, str, Guard | None]


def name_of(asked: Asked) -> str:
    return f"{asked[1]} {asked[0]}"


@dataclass(frozen=True, slots=True)
class Site:
    """What is stored in a practice, where its files lie, and another practice."""

    stored: Stored
    folder: Path
    other_practice: Practice


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Stored once for the whole walk, since that takes longer than a step of it."""
    folder = tmp_path_factory.mktemp("walked")
    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()
        with override_settings(DATA=folder):
            stored = store(Practice.objects.create(name="North"))
        yield Site(stored, folder, Practice.objects.create(name="South"))
        TestCase._rollback_atomics(atomics)


@pytest.fixture
def walked(site: Site, db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The same for each address: what another one has changed or deleted is there again."""
    settings.DATA = tmp_path / "walked"
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.0)
    shutil.copytree(site.folder, settings.DATA)
    return site


@pytest.mark.parametrize("address", addresses.unguarded(), ids=str)
def test_an_address_says_what_it_asks_for_or_is_listed_with_a_reason(address: Address) -> None:
    assert addresses.listed(address), f"{address.route}: who may use it?"


def test_no_address_is_listed_that_is_not_there_or_asks_for_something() -> None:
    unguarded = {addresses.table_route(address) for address in addresses.unguarded()}
    assert {*doors.ANYBODY, *doors.USERS} <= unguarded


def test_every_page_of_the_admin_asks_for_something() -> None:
    silent = [model.__name__ for model, each in admin.site._registry.items() if not isinstance(each, GuardedAdmin)]
    assert not silent


# Rights are the same SQL on every database, which tests of their own hold (tests/accounts, tests/archive).
@pytest.mark.one_database
@pytest.mark.parametrize("asked", ASKED, ids=name_of)
def test_each_is_answered_as_they_may(asked: Asked, walked: Site) -> None:
    """All five in one test, whoever might change something last."""
    address, method, guard = asked
    walk = Walk(walked.stored, walked.other_practice, address, method)
    if guard is not Open.TO_ANYBODY:
        walk.nobody()
        walk.holder_of_a_link()
    walk.stranger(guard)
    if guard is None:
        walk.superuser_at_closed_door()
    if isinstance(guard, Permission):
        walk.all_but(guard)
        walk.who_may(guard)


@dataclass(frozen=True, slots=True)
class Walk:
    """One address by one method, asked for by one person after the other."""

    stored: Stored
    other_practice: Practice
    address: Address
    method: str

    def nobody(self) -> None:
        """They have to sign in; the way back names what was asked for, and nothing else is told."""
        answer = self.ask(Client())
        assert answer.status_code == 401 or is_way_to_sign_in(answer), ("anonymous", answer.status_code)
        told = told_by(answer).replace(self.path.encode(), b"").replace(quote(self.path).encode(), b"")
        assert not [secret for secret in SECRETS if secret in told]

    def holder_of_a_link(self) -> None:
        """A link to something else opens this neither by the site's own address nor below the link's."""
        share: Any = share_elsewhere(self.other_practice)
        outside = Outside()
        assert outside.open(f"/s/{share.secret}").status == 302
        for place in (self.path, f"/s/{share.pk}{self.path}"):
            answer = outside.generic(self.method, place)
            is_own_search = answer.status == 200 and ("<" not in self.address.route or answer.body == b"[]")
            assert is_own_search or answer.status in {302, 400, 401, 403, 404, 405}, ("link", place, answer.status)
            assert not [secret for secret in SECRETS if secret in answer.body]

    def stranger(self, guard: Guard | None) -> None:
        """Who may do everything in another practice is told the same as of what isn't there."""
        client = person("stranger", self.other_practice, *Permission)
        answer = self.ask(client)
        assert not [secret for secret in SECRETS if secret in told_by(answer)], "stranger"
        if isinstance(guard, Permission) and "<" in self.address.route:
            absent = self.ask(client, self.address.path(ABSENT))
            assert answer.status_code == absent.status_code, ("stranger", answer.status_code, absent.status_code)
            assert answer.status_code >= 300 or is_empty(answer), ("stranger", answer.status_code)

    def superuser_at_closed_door(self) -> None:
        answer = self.ask(person("chief", self.stored.practice, *Permission, is_superuser=True))
        assert answer.status_code == 403, ("superuser", answer.status_code)

    def all_but(self, permission: Permission) -> None:
        """Who may do everything else in the practice; for what is the site's, everything, and is no superuser."""
        others = [each for each in Permission if each is not permission or self.address.is_of_site]
        answer = self.ask(person("lacking", self.stored.practice, *others))
        assert answer.status_code in HIDDEN, ("lacking", answer.status_code)

    def who_may(self, permission: Permission) -> None:
        """Let in, and to something: not to what isn't there."""
        asked = f"{self.method} {self.address.route}"
        needed = {Permission.VIEW, permission, ALSO.get(asked, permission)}
        is_superuser = self.address.is_of_site or asked in FOR_SUPERUSERS
        answer = self.ask(person("allowed", self.stored.practice, *needed, is_superuser=is_superuser))
        expected = {403} if asked in KEPT else set(range(200, 500)) - {401, 403, 404}
        if asked in UNREACHED:
            expected = {502}
        if asked in WAITING:
            expected = {503}
        assert answer.status_code in expected, ("allowed", answer.status_code, told_by(answer)[:500])

    @property
    def path(self) -> str:
        named = self.stored.values(self.address.route)
        path = self.address.path(named)
        uids = {"studyUID": named["study"], "seriesUID": named["series"], "objectUID": named["instance"]}
        asked = {"/wado": {"requestType": "WADO", **uids}, "/reports/new": {"study": named["study"]}}
        return f"{path}?{urlencode(asked[path])}" if path in asked else path

    def ask(self, client: Client, path: str = "") -> Any:
        path = path or self.path
        if path.startswith("/api/"):
            return client.generic(self.method, path, content_type="application/json")
        form = urlencode(FORMS.get(f"{self.method} {self.address.route}", {}))
        return client.generic(self.method, path, form, content_type="application/x-www-form-urlencoded")


def person(name: str, practice: Practice, *permissions: Permission, is_superuser: bool = False) -> Client:
    """Somebody who may open the admin, and do these things in the practice."""
    user = User.objects.create_user(name, practice=practice, is_staff=True, is_superuser=is_superuser)
    give(user, practice, *permissions)
    return client_of(user)


def told_by(answer: Any) -> bytes:
    """Everything that an answer says: its body, and where it leads."""
    body = b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
    return body + answer.headers.get("Location", "").encode()


def is_empty(answer: Any) -> bool:
    """Whether a search found nothing."""
    return answer.status_code == 204 or (answer.status_code == 200 and told_by(answer) == b"[]")


def is_way_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and "/login/" in answer["Location"]
