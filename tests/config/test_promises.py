"""What SECURITY.md and THREAT_MODEL.md refer to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEST = re.compile(r"`(tests/[\w/.]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([\w-]+))?\)")


def test_every_test_that_shows_a_defence_exists() -> None:
    named = set(TEST.findall((ROOT / "THREAT_MODEL.md").read_text(encoding="utf-8")))
    assert len(named) > 30
    assert not {name for name in named if not re.search(r"^def test_", _text(name), re.MULTILINE)}


def _text(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@pytest.mark.parametrize("document", ["SECURITY.md", "THREAT_MODEL.md"])
def test_every_link_leads_somewhere(document: str) -> None:
    for name, heading in LINK.findall((ROOT / document).read_text(encoding="utf-8")):
        text = (ROOT / name).read_text(encoding="utf-8")
        titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert not heading or heading in {_anchor(title) for title in titles}


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def test_every_threat_is_tested() -> None:
    lines = (ROOT / "THREAT_MODEL.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.count("|") == 4]
    assert rows
    assert not [row for row in rows if row.split("|")[3].strip() == ""]
