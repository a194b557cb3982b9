"""The viewer below a share: its configuration keeps it there. And what the log has of a link."""

import json
import logging
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.sharing.conftest import NewLink, mounted
from tests.sharing.outside import Outside


@pytest.fixture(autouse=True)
def viewer_dist(tmp_path: Path, settings: Settings) -> None:
    settings.VIEWER_DIST = tmp_path
    (tmp_path / "index.html").write_text('<script src="/viewer/app-config.js"></script>')


def test_page_and_configuration_stay_below_the_share(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    outside.open(link)
    base = mounted(link)
    page = outside.get(f"{base}/viewer/viewer?StudyInstanceUIDs=1.2")
    assert page.text == f'<script src="{base}/viewer/app-config.js"></script>'
    script = outside.get(f"{base}/viewer/app-config.js").text
    config, end = json.JSONDecoder().raw_decode(script, len("window.config = "))
    site, _ = json.JSONDecoder().raw_decode(script, script.index("window.fovea = ", end) + len("window.fovea = "))
    source = config["dataSources"][0]["configuration"]
    assert (config["routerBasename"], config["showStudyList"]) == (f"{base}/viewer/", False)
    assert source["qidoRoot"] == source["wadoRoot"] == f"{base}/dicom-web"
    assert (source["wadoUriRoot"], source["supportsStow"], source["dicomUploadEnabled"]) == (
        f"{base}/wado",
        False,
        False,
    )
    assert (site["signIn"], site["signOut"], site["admin"]) == (f"{base}/", f"{base}/", None)


def test_whoever_has_not_opened_it_is_led_to_the_shares_page(outside: Outside, new_link: NewLink) -> None:
    base = mounted(new_link())
    for address in ("/viewer/", "/viewer/viewer?StudyInstanceUIDs=1.2"):
        assert outside.get(base + address).headers["Location"] == f"{base}/"
    assert outside.get(f"{base}/viewer/app-config.js").status == 401


def test_there_is_no_list_of_studies(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    outside.open(link)
    assert outside.get(f"{mounted(link)}/viewer/").headers["Location"] == f"{mounted(link)}/"


def test_no_line_of_the_log_has_the_secret(
    outside: Outside, new_link: NewLink, caplog: pytest.LogCaptureFixture
) -> None:
    link = new_link(password="between us")
    with caplog.at_level(logging.DEBUG, "fovea"):
        outside.open(link, "among us")
        outside.open(link, "between us")
        outside.get(f"{mounted(link)}/dicom-web/studies")
    lines = [str(record.__dict__) for record in caplog.records if record.name.startswith("fovea")]
    assert lines
    assert not any(link.removeprefix("/s/") in line for line in lines)
    assert not any("between us" in line for line in lines)
