"""The pages of videos: dropped and sent, played and sought by the strip, and masks drawn on a picture."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import movies
from tests.browser import site, studies

# A video that is stored already: its row, as its job would have left it.
STORED = """
from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.video.models import Video
film = Instance.objects.get(series__study__study_instance_uid={uid!r})
uids = {{"study_instance_uid": film.series.study.study_instance_uid, "sop_instance_uid": film.sop_instance_uid,
        "series_instance_uid": film.series.series_instance_uid}}
facts = {{"name": "film.mp4", "size": 1, "sha256": "0" * 64, "folder": "0" * 32, "last_state": "done"}}
plan = {{"rate": "10/1", "reasons": ["It was taken as it is."], "transferSyntaxUid": film.transfer_syntax_uid}}
print(Video.objects.create(practice=Practice.objects.get(), source="API", plan=plan, **facts, **uids).pk)
"""


@pytest.fixture
def page(profile: BrowserContext) -> Page:
    return profile.new_page()


@pytest.fixture(scope="module")
def stored(server: site.Site) -> int:
    """The number of a video that can be played."""
    code = STORED.format(uid=studies.film().uid)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    environment = os.environ | {"FOVEA_DATA": str(server.data), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return int(subprocess.check_output(command, cwd=site.ROOT, env=environment, text=True).split()[-1])


def test_what_is_dropped_is_sent_and_told(page: Page, server: site.Site, tmp_path: Path) -> None:
    file = tmp_path / "a clip.mp4"
    file.write_bytes(movies.stream())
    page.goto(f"{server.url}/admin/video/video/upload/")
    page.get_by_label("I write who it is").check()
    page.get_by_label("Family name").fill("Clip")
    page.get_by_label("Patient ID").fill("P-clip")
    page.set_input_files("#files", file)
    expect(page.locator("#uploads .state")).to_have_text("Converting")
    page.get_by_role("link", name="Details").click()
    expect(page.get_by_role("heading", name="a clip.mp4", exact=True)).to_be_visible()
    expect(page.get_by_text("P-clip")).to_be_visible()
    page.close()


def test_nothing_is_sent_before_it_is_said_whose_it_is(page: Page, server: site.Site, tmp_path: Path) -> None:
    file = tmp_path / "a clip.mp4"
    file.write_bytes(movies.stream())
    page.goto(f"{server.url}/admin/video/video/upload/")
    page.get_by_label("Of a lead").check()
    page.set_input_files("#files", file)
    expect(page.locator("#uploads li")).to_have_count(0)
    assert page.evaluate("document.getElementById('lead-search').validationMessage") == "Choose a lead from the list."
    page.close()


def test_a_video_is_played_and_sought_by_its_strip(page: Page, server: site.Site, stored: int) -> None:
    page.goto(f"{server.url}/admin/video/video/{stored}/change/")
    film, strip = page.locator("video"), page.locator(".fovea-strip")
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    page.wait_for_function("document.querySelector('.fovea-strip img').naturalWidth > 0")
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    page.wait_for_function("document.querySelector('video').currentTime > 1")
    assert abs(film.evaluate("film => film.currentTime / film.duration") - 0.5) < 0.01
    page.locator("#from").click()
    expect(page.locator("#clip")).to_be_disabled()
    strip.click(position={"x": box["width"] * 0.75, "y": 5})
    page.locator("#to").click()
    expect(page.locator("#clip")).to_be_enabled()
    page.close()


def test_masks_are_drawn_by_mouse_and_by_keys(page: Page, server: site.Site, stored: int) -> None:
    page.goto(f"{server.url}/admin/video/masktemplate/add/")
    page.locator("input[name=name]").fill("Tower 2")
    page.locator("#mask-video").select_option(label="film.mp4")
    page.wait_for_function("document.getElementById('mask-picture').naturalWidth > 0")
    box = page.locator("#mask-board svg").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5, steps=3)
    page.mouse.up()
    page.get_by_role("button", name="Add a mask").click()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    drawn, typed = json.loads(page.locator("textarea[name=masks]").input_value())
    assert [round(drawn[side], 1) for side in ("left", "top", "width", "height")] == [0.1, 0.2, 0.2, 0.3]
    assert typed == {"left": 0.06, "top": 0.06, "width": 0.21, "height": 0.1}
    page.get_by_role("button", name="Add a mask").click()
    page.keyboard.press("Delete")
    expect(page.locator("#mask-rows tr")).to_have_count(2)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/masktemplate/(\?|$)"))
    expect(page.get_by_text("2 masks")).to_be_visible()
    page.close()
