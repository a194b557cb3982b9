"""The ends of the chains are noted each day outside the database."""

from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.audit import anchors
from apps.audit.models import Head
from apps.audit.record import Action, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anchor(settings: Settings, tmp_path: Path, practice: Practice) -> Path:
    settings.AUDIT_ANCHOR = tmp_path / "audit" / "anchor"
    tell(Action.RIGHTS, actor="boss", practice_id=practice.pk)
    return settings.AUDIT_ANCHOR


def test_a_line_tells_where_a_chain_ends(anchor: Path) -> None:
    call_command("audit", "anchor")
    head = Head.objects.get()
    ((when, chain, sequence, hash_, _seal),) = (line.split() for line in anchor.read_text().splitlines())
    assert (int(chain), int(sequence), hash_) == (head.chain, 1, head.hash)
    assert when.endswith("Z")
    assert anchor.stat().st_mode & 0o077 == 0


def test_a_day_has_one_anchor(anchor: Path) -> None:
    with time_machine.travel("2026-03-01 10:00Z"):
        assert anchors.write_when_due()
        assert not anchors.write_when_due()
    with time_machine.travel("2026-03-02 00:01Z"):
        assert anchors.write_when_due()
    assert [line[:10] for line in anchor.read_text().splitlines()] == ["2026-03-01", "2026-03-02"]


def test_what_was_written_stays(anchor: Path) -> None:
    anchors.write()
    first = anchor.read_text()
    anchors.write()
    assert anchor.read_text().startswith(first)
    assert not [found for found in anchors.read() if found.problem]
