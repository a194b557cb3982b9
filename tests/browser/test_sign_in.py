"""Signing in as people do it: with a second step, with a passkey, with a password that was given to them.

FOVEA_TEST_SCREENSHOTS names a folder for pictures of the pages (docs/images has them).
"""

import os
import time
from collections.abc import Iterator
from typing import Final

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.browser import site, studies
from tests.browser.conftest import PATIENCE_MS
from tests.browser.viewer import Viewer

PERIOD: Final = 30
OWN_PASSWORD: Final = "a staple of one's own"


class Visitor:
    """Somebody at a browser of their own; nothing may go wrong on their pages."""

    def __init__(self, page: Page, base: str) -> None:
        self.viewer = Viewer(page, base)
        self.page = page
        self.base = base

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def sign_in(self, name: str, password: str = site.PASSWORD) -> None:
        self.open("/accounts/login/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", password)
        self.press("Sign in")

    def sign_out(self) -> None:
        self.open("/accounts/")
        self.press("Sign out")
        self.page.wait_for_url("**/accounts/login/")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def type_code(self, code: str) -> None:
        self.page.get_by_label("Code", exact=True).fill(code)
        self.press("Sign in")

    def is_in(self) -> bool:
        self.open("/accounts/")
        return self.page.get_by_role("heading", name="My account").is_visible()

    def picture(self, name: str) -> None:
        if folder := os.environ.get("FOVEA_TEST_SCREENSHOTS"):
            self.page.screenshot(path=f"{folder}/{name}.png")


@pytest.fixture
def base(server: site.Site) -> str:
    """Browsers take passkeys for `localhost` without TLS, and for no other address."""
    return server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def visitor(browser: Browser, base: str) -> Iterator[Visitor]:
    with browser.new_context(viewport={"width": 1100, "height": 860}) as context:
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context.new_page(), base)
        yield visitor
        assert not visitor.viewer.problems


def code_of(key: str, *, ahead: int = 0) -> str:
    """What an authenticator app shows (RFC 6238), so many periods from now."""
    return format_hotp_value(hotp_value(key, int(time.time()) // PERIOD + ahead))


def test_second_step_by_app_and_by_recovery_code(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/accounts/login/")
    visitor.picture("tour-sign-in")
    visitor.sign_in("mara")
    visitor.open("/accounts/two-step/totp/activate/")
    key = page.locator(".key code").inner_text()
    visitor.picture("tour-mfa")
    page.get_by_label("Authenticator code").fill(code_of(key))
    visitor.press("Turn on")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = page.locator(".codes code").first.inner_text()
    visitor.open("/accounts/")
    visitor.picture("tour-account")
    visitor.sign_out()

    visitor.sign_in("mara")
    visitor.type_code("000000")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    visitor.type_code(code_of(key, ahead=1))
    page.wait_for_url("**/viewer/")
    visitor.sign_out()

    visitor.sign_in("mara")
    visitor.type_code(recovery)
    page.wait_for_url("**/viewer/")
    visitor.sign_out()
    visitor.sign_in("mara")
    visitor.type_code(recovery)
    expect(page.get_by_role("alert")).to_be_visible()


def test_passkey_alone_signs_in(visitor: Visitor) -> None:
    page = visitor.page
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visitor.sign_in("pascal")
    visitor.open("/accounts/two-step/webauthn/add/")
    page.get_by_label("Its name").fill("My phone")
    page.get_by_label("Sign in with it alone").check()
    visitor.press("Add")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    visitor.open("/accounts/two-step/webauthn/")
    expect(page.get_by_text("My phone")).to_be_visible()
    visitor.sign_out()
    visitor.open("/accounts/login/?next=/accounts/")
    visitor.press("Sign in with a passkey")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()


def test_given_password_is_changed_before_anything_else(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("noel")
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    visitor.open("/admin/")
    page.get_by_label("Current Password").fill(site.PASSWORD)
    page.get_by_label("New Password", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("New Password (again)").fill(OWN_PASSWORD)
    visitor.press("Save")
    page.wait_for_url("**/admin/")
    assert visitor.is_in()


def test_other_sessions_are_listed_and_ended(browser: Browser, visitor: Visitor, base: str) -> None:
    with browser.new_context() as elsewhere:
        other = Visitor(elsewhere.new_page(), base)
        other.sign_in(site.USERNAME)
        other.page.wait_for_url("**/viewer/")
        visitor.sign_in(site.USERNAME)
        visitor.open("/accounts/sessions/")
        visitor.picture("tour-sessions")
        assert visitor.page.locator(".entries li").count() >= 2
        # The other tests' own session is in this list too: they end theirs alone.
        other.sign_out()
        assert not other.is_in()
    assert visitor.is_in()


def test_session_that_ends_in_a_study_leads_back_to_it(visitor: Visitor) -> None:
    viewer, study = visitor.viewer, f"/viewer/viewer?StudyInstanceUIDs={studies.head().uid}"
    visitor.sign_in(site.USERNAME)
    viewer.open_study(studies.head().uid)
    visitor.page.context.clear_cookies(name="sessionid")
    visitor.page.reload()
    visitor.page.wait_for_url("**/accounts/login/?next=**")
    visitor.page.fill("input[name=username]", site.USERNAME)
    visitor.page.fill("input[name=password]", site.PASSWORD)
    visitor.press("Sign in")
    expect(viewer.pane()).to_be_visible()
    assert visitor.page.url == visitor.base + study
