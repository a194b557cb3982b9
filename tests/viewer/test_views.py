"""The viewer's addresses, as a browser sees them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from tests.viewer.conftest import BUILD

pytestmark = pytest.mark.usefixtures("viewer_dist")
LIST = "/viewer/"
STUDY = "/viewer/viewer?StudyInstanceUIDs=1.2.3"


@pytest.mark.django_db
@pytest.mark.parametrize("address", [LIST, STUDY, "/viewer/app-config.js"])
def test_strangers_are_sent_to_sign_in_and_back(anonymous: Client, address: str) -> None:
    answer = anonymous.get(address)
    assert answer.status_code == 302
    signed_in = anonymous.get(answer["Location"])
    assert f'name="next" value="{address}"' in signed_in.content.decode()


@pytest.mark.parametrize("address", [LIST, STUDY, "/viewer/tmtv", "/viewer/viewer/dicomweb", "/viewer/no/such/route"])
def test_every_route_of_the_viewer_gets_its_page(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content == b"<title>the page</title>"
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("address", [LIST, "/viewer/app-config.js"])
def test_page_and_configuration_are_sent_again_only_when_changed(client: Client, address: str) -> None:
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_files_need_no_sign_in_and_no_database(anonymous: Client) -> None:
    answer = anonymous.get(f"/viewer/{BUILD}/app.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.status_code == 200
    assert answer.content == b"bytes of app.js.br"
    assert answer["Content-Encoding"] == "br"
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Vary"] == "Accept-Encoding"
    assert "immutable" in answer["Cache-Control"]


def test_head_tells_the_length_and_sends_nothing(anonymous: Client) -> None:
    answer = anonymous.head(f"/viewer/{BUILD}/style.css")
    assert answer.content == b""
    assert answer["Content-Length"] == str(len("bytes of style.css"))


@pytest.mark.parametrize("name", [f"{BUILD}/gone.js", f"{BUILD}/gone.wasm", "app.css", "secret.js", "index.html"])
def test_missing_file_is_missing(client: Client, name: str) -> None:
    assert client.get(f"/viewer/{name}").status_code == 404


@pytest.mark.parametrize(
    "address", [LIST, f"/viewer/{BUILD}/app.js", f"/viewer/{BUILD}/gone.js", "/viewer/app-config.js"]
)
def test_policy_is_strict_everywhere(client: Client, address: str) -> None:
    answer = client.get(address)
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["frame-ancestors"] == policy["default-src"] == "'self'"
    assert not re.search(r"https?:|\*", answer["Content-Security-Policy"])
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post(LIST).status_code == 405


def test_missing_build_says_what_to_do(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.VIEWER_DIST = tmp_path / "nothing"
    answer = client.get(LIST)
    assert answer.status_code == 503
    assert "make setup" in answer.content.decode()


def configuration_of(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two values that the script begins with: OHIF's configuration, and what our functions know."""
    script = client.get("/viewer/app-config.js").content.decode()
    decoder = json.JSONDecoder()
    config, end = decoder.raw_decode(script, len("window.config = "))
    site, _ = decoder.raw_decode(script, script.index("window.fovea = ", end) + len("window.fovea = "))
    return config, site


def test_configuration_names_this_site_alone(client: Client) -> None:
    config, site = configuration_of(client)
    assert config["routerBasename"] == "/viewer/"
    (source,) = config["dataSources"]
    assert source["sourceName"] == config["defaultDataSourceName"]
    assert source["configuration"]["qidoRoot"] == source["configuration"]["wadoRoot"] == "/dicom-web"
    assert "http" not in json.dumps(config)
    assert (site["signIn"], site["signOut"]) == ("/accounts/login/", "/accounts/logout/")


def test_doors_for_other_servers_stay_shut(client: Client) -> None:
    config, _ = configuration_of(client)
    assert not config.keys() & {"dangerouslyUseDynamicConfig", "customizationUrlPrefixes", "oidc"}


def test_only_staff_are_led_to_the_administration(client: Client, user: User) -> None:
    assert configuration_of(client)[1]["admin"] is None
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert configuration_of(client)[1]["admin"] == "/admin/"


def test_name_of_the_user_stays_a_value(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(first_name='"};alert(1)//', last_name="</script>")
    assert configuration_of(client)[1]["user"] == '"};alert(1)// </script>'


@pytest.mark.parametrize(
    ("first", "last", "person"),
    [("Nora", "Noël", "Noël^Nora"), ("", "Noël", "Noël"), ("Nora", "", "ada"), ("A\\B", "C^D=E", "C D E^A B")],
)
def test_who_measures_is_named_as_in_dicom(client: Client, user: User, first: str, last: str, person: str) -> None:
    User.objects.filter(pk=user.pk).update(username="ada", first_name=first, last_name=last)
    assert configuration_of(client)[1]["person"] == person


def test_sign_out_form_has_its_token(client: Client) -> None:
    assert client.get("/viewer/app-config.js").cookies["csrftoken"].value


@pytest.mark.parametrize(
    ("chosen", "language", "theirs", "title"),
    [
        ("fr", "fr", "fr", "Liste des études"),
        ("zh-hans", "zh-hans", "zh", "检查列表"),
        ("", "en", "en-US", "Study List"),
    ],
)
def test_it_opens_in_the_language_of_the_account(
    client: Client, user: User, chosen: str, language: str, theirs: str, title: str
) -> None:
    User.objects.filter(pk=user.pk).update(language=chosen)
    script = client.get("/viewer/app-config.js").content.decode()
    site = json.loads(script.split("window.fovea = ")[1].split(";\n")[0])
    assert (site["language"], site["viewerLanguage"], site["said"]["Study List"]) == (language, theirs, title)
