"""A site behind a proxy that speaks TLS, as its own settings make it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
HOST = "fovea.example.org"
ADDRESSES = ["/accounts/login/", "/dicom-web/studies", "/healthz"]
ASK = f"""
import json
from tests.security.asking import ask
from django.conf import settings
def told(address, **environ):
    answer = ask(address, HTTP_HOST={HOST!r}, HTTP_ACCEPT="text/html", **environ)
    return [answer.status, answer.fields]
print(json.dumps({{
    "secure": {{a: told(a, HTTP_X_FORWARDED_PROTO="https") for a in {ADDRESSES!r}}},
    "plain": {{a: told(a, HTTP_X_FORWARDED_PROTO="http") for a in {ADDRESSES!r}}},
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY],
    "stranger": ask("/accounts/login/", HTTP_HOST="evil.example.org", HTTP_X_FORWARDED_PROTO="https").status,
}}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("https")
    migrated.lay_out(folder)
    settings = {"FOVEA_DATA": str(folder), "FOVEA_HTTPS": "1", "FOVEA_PUBLIC_URL": f"https://{HOST}"}
    environment = os.environ | settings | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize("address", ADDRESSES)
def test_browsers_are_told_to_keep_to_https(site: dict[str, Any], address: str) -> None:
    _, fields = site["secure"][address]
    assert fields["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in site["plain"][address][1]


def test_a_page_asked_for_in_plain_text_moves_to_https(site: dict[str, Any]) -> None:
    status, fields = site["plain"]["/accounts/login/"]
    assert (status, fields["location"]) == (301, f"https://{HOST}/accounts/login/")


def test_health_is_told_in_plain_text_too(site: dict[str, Any]) -> None:
    assert site["plain"]["/healthz"][0] == 200


def test_cookies_are_of_this_host_alone_and_never_in_plain_text(site: dict[str, Any]) -> None:
    assert site["session"] == ["__Host-sessionid", True, True]
    cookie = site["secure"]["/accounts/login/"][1]["set-cookie"].strip()
    assert cookie.startswith("__Host-csrftoken=")
    for attribute in ("Secure", "Path=/", "SameSite=Lax"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_another_host_name_is_refused(site: dict[str, Any]) -> None:
    assert site["stranger"] == 400
