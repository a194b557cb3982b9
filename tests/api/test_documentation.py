"""docs/api.md says what is so: its examples run, and its codes are those that there are."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.test import Client

from config import areas
from tests.live import ROOT, SECRET, Site

PAGE = (ROOT / "docs" / "api.md").read_text()


def blocks(language: str) -> str:
    """All blocks of this language, one after the other: they build on each other."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))


@pytest.mark.one_database
def test_the_examples_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Site(tmp_path_factory.mktemp("examples")) as site, site.serving() as server:
        environment = os.environ | {"FOVEA_URL": f"http://127.0.0.1:{server.port}", "FOVEA_TOKEN": SECRET}
        for command in (["sh", "-euc", blocks("sh")], [sys.executable, "-c", blocks("python")]):
            told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
            assert told.returncode == 0, told.stderr
            assert "nora" in told.stdout


def test_the_codes_are_those_that_there_are(anonymous: Client, db: None) -> None:
    there_are = {(row["code"], row["status"]) for row in anonymous.get("/api/problems").json()}
    table = PAGE.partition("| code | status | |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if "`" in line]
    told = set()
    for codes, statuses in rows:
        named, numbers = re.findall(r"`([a-z-]+)`", codes), re.findall(r"\d+", statuses)
        told |= set(zip(named, map(int, numbers * len(named) if len(numbers) == 1 else numbers), strict=True))
    assert told == there_are


def test_the_example_of_a_problem_is_one() -> None:
    shown = json.loads(blocks("json"))
    assert shown["type"] == f"/api/problems#{shown['code']}"


def test_every_link_of_the_page_leads_somewhere() -> None:
    for name in re.findall(r"\]\(([\w.-]+\.md)\)", PAGE):
        assert (ROOT / "docs" / name).exists(), name


def test_every_area_is_described() -> None:
    assert {tag["name"] for tag in areas.TAGS} == set(areas.AREAS.values())
