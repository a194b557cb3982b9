"""Signing in by an organisation's identity provider: a real provider, a real server, and a client that follows."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from oidc_provider_mock import run_server_in_thread

from config import signing_in
from tests import live
from tests.accounts.sign_ins import ACCOUNT, LOGIN

BEGIN: Final = "/accounts/provider/sso/login/"
PATIENCE: Final = 60
ADDRESSES: Final = """
from apps.accounts.models import User
User.objects.filter(username="nora").update(email="nora@example.org")
for name in ("tim", "tom"):
    User.objects.create_user(name, email="both@example.org")
User.objects.create_user("closed", email="closed@example.org", is_active=False)
"""
CREATED: Final = """
from apps.accounts.models import User
user = User.objects.get(email="new@example.org")
print("created", user.username, user.has_usable_password(), user.is_staff, user.grants.count())
"""


class Person:
    """Somebody at a browser whom the provider knows by `sub`."""

    def __init__(self, base: str, provider: str, sub: str, email: str = "", *, is_verified: bool = True) -> None:
        self.base = base
        self.sub = sub
        self.browser = requests.Session()
        claims = {"email": email, "email_verified": is_verified, "preferred_username": sub} if email else {}
        address = f"{provider}/users/{quote(sub)}"
        assert requests.put(address, json=claims, timeout=PATIENCE).status_code == 204

    def begin(self, **to: str) -> str:
        """Where the button on the sign-in page leads to."""
        page = self.browser.get(f"{self.base}{LOGIN}", params=to, timeout=PATIENCE).text
        (action,) = re.findall(rf'action="({BEGIN}[^"]*)"', page)
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        sent = self.browser.post(
            self.base + html.unescape(action), {"csrfmiddlewaretoken": token}, timeout=PATIENCE, allow_redirects=False
        )
        assert sent.status_code == 200
        (there,) = re.findall(r'content="0; url=([^"]+)"', sent.text)
        return html.unescape(there)

    def come(self, **to: str) -> requests.Response:
        """Sign in at the provider, and follow it back."""
        return self.browser.post(self.begin(**to), {"sub": self.sub}, timeout=PATIENCE)

    def name(self) -> str | None:
        """Who they are here."""
        answer = self.browser.get(f"{self.base}/api/me", timeout=PATIENCE)
        return str(answer.json()["username"]) if answer.ok else None


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def _site(folder: Path, provider: str, **more: str) -> live.Site:
    return live.Site(
        folder,
        FOVEA_OIDC_ISSUER=provider,
        FOVEA_OIDC_CLIENT_ID="fovea",
        FOVEA_OIDC_CLIENT_SECRET="secret",
        FOVEA_OIDC_NAME="the hospital",
        **more,
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, provider: str) -> Iterator[str]:
    """A site that takes only those whom it knows."""
    with _site(tmp_path_factory.mktemp("closed"), provider) as site:
        site.run("shell", "--no-imports", "-c", ADDRESSES)
        with site.serving() as server:
            yield f"http://127.0.0.1:{server.port}"


def test_the_button_leads_to_the_provider_with_a_proof_key(base: str, provider: str) -> None:
    there = urlsplit(Person(base, provider, "nora").begin())
    asked = parse_qs(there.query)
    assert f"{there.scheme}://{there.netloc}" == provider
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{base}/accounts/provider/sso/callback/"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["state"][0]


def test_a_verified_address_ties_to_its_user_for_good(base: str, provider: str) -> None:
    person = Person(base, provider, "subject-1", "Nora@example.org")
    came = person.come(next=ACCOUNT)
    assert (came.status_code, urlsplit(came.url).path) == (200, ACCOUNT)
    assert person.name() == "nora"
    # The provider may tell another address later: the tie is to the subject.
    again = Person(base, provider, "subject-1", "renamed@example.org")
    again.come()
    assert again.name() == "nora"


@pytest.mark.parametrize(
    ("email", "is_verified"),
    [("nora@example.org", False), ("both@example.org", True), ("stranger@example.org", True), ("", True)],
)
def test_others_stay_outside(base: str, provider: str, email: str, is_verified: bool) -> None:
    person = Person(base, provider, f"other-{email}-{is_verified}", email, is_verified=is_verified)
    assert "You are not known here" in person.come().text
    assert person.name() is None


def test_a_closed_account_stays_closed(base: str, provider: str) -> None:
    person = Person(base, provider, "subject-closed", "closed@example.org")
    assert "has been closed" in person.come().text
    assert person.name() is None


def test_an_answer_that_was_not_asked_for_counts_for_nothing(base: str, provider: str) -> None:
    victim, attacker = Person(base, provider, "victim"), Person(base, provider, "subject-1", "nora@example.org")
    stopped = attacker.browser.post(attacker.begin(), {"sub": "subject-1"}, timeout=PATIENCE, allow_redirects=False)
    victim.browser.get(stopped.headers["Location"], timeout=PATIENCE)
    assert victim.name() is None


def test_a_link_alone_starts_nothing(base: str) -> None:
    assert requests.get(base + BEGIN, timeout=PATIENCE).status_code == 405


def test_a_site_may_take_newcomers_without_rights(tmp_path: Path, provider: str) -> None:
    with _site(tmp_path, provider, FOVEA_OIDC_CREATE_USERS="1") as site:
        site.run("shell", "--no-imports", "-c", ADDRESSES)
        with site.serving() as server:
            base = f"http://127.0.0.1:{server.port}"
            person = Person(base, provider, "newcomer", "new@example.org")
            assert "You belong to no practice yet" in person.come(next=ACCOUNT).text
            assert person.browser.get(f"{base}/dicom-web/studies", timeout=PATIENCE).status_code in {200, 403}
            taken = Person(base, provider, "impostor", "nora@example.org", is_verified=False)
            assert "You are not known here" in taken.come().text
        assert "created newcomer False False 0" in site.run("shell", "--no-imports", "-c", CREATED)


def test_half_a_configuration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOVEA_OIDC_CLIENT_ID", raising=False)
    with pytest.raises(ImproperlyConfigured, match="FOVEA_OIDC_CLIENT_ID"):
        signing_in.providers("https://id.example.org", "us")
