"""Several writers of one chain wait for one another, and it has no gap and no fork."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection, transaction

from apps.accounts.models import Practice
from apps.audit import verification
from apps.audit.models import Event, Head
from apps.audit.record import Action, Entry, record, tell
from tests import databases, migrated
from tests.servers import ROOT

EACH = 25
SITE = """
from apps.audit.record import Action, tell
for _ in range({each}):
    tell(Action.EDIT, actor="nora")
"""


@pytest.mark.django_db
@pytest.mark.one_database
def test_processes_on_one_sqlite_wait_for_one_another(tmp_path: Path) -> None:
    environment = os.environ | {"FOVEA_DATA": str(tmp_path)}
    manage = [sys.executable, "manage.py"]
    migrated.lay_out(tmp_path)
    write = [*manage, "shell", "--no-imports", "-c", SITE.format(each=EACH)]
    writers = [subprocess.Popen(write, cwd=ROOT, env=environment) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    verify = [*manage, "audit", "verify"]
    said = subprocess.run(verify, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert f"whole: {2 * EACH} events" in said.stdout


def at_once(*tasks: Callable[[], None]) -> None:
    """Run each in a thread with a connection of its own."""

    def run(task: Callable[[], None]) -> None:
        try:
            task()
        finally:
            connection.close()

    threads = [Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@databases.writers_wait
@pytest.mark.django_db(transaction=True)
def test_writers_of_one_chain_wait_for_one_another(practice: Practice) -> None:
    def write() -> None:
        for _ in range(EACH):
            tell(Action.EDIT, actor="nora", practice_id=practice.pk)

    at_once(write, write, write)
    assert Head.objects.get().sequence == Event.objects.count() == 3 * EACH
    assert list(verification.verify()) == []


@databases.writers_wait
@pytest.mark.django_db(transaction=True)
def test_writers_of_several_chains_do_not_wait_for_each_other_for_ever(
    practice: Practice, other_practice: Practice
) -> None:
    def write(*places: int) -> None:
        for _ in range(EACH):
            with transaction.atomic(), connection.cursor() as cursor:
                record(cursor, [Entry(Action.EDIT, "nora", place, "tests") for place in places])

    first, second = practice.pk, other_practice.pk
    at_once(lambda: write(first, second), lambda: write(second, first))
    assert set(Head.objects.values_list("sequence", flat=True)) == {2 * EACH}
    assert list(verification.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_taken_back_leaves_no_gap(practice: Practice) -> None:
    for should_stay in (True, False, True):
        with transaction.atomic():
            tell(Action.EDIT, actor="nora", practice_id=practice.pk)
            transaction.set_rollback(not should_stay)
    assert [event.sequence for event in Event.objects.order_by("id")] == [1, 2]
    assert list(verification.verify()) == []
