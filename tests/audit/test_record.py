"""What is told is on record: who, from where, how, what and why."""

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.audit import chain, codes, record
from apps.audit.entries import LENGTHS, Entry
from apps.audit.models import Event, Head

pytestmark = pytest.mark.django_db
Action = Event.Action


def nora(practice: Practice, **facts: object) -> Principal:
    return Principal(1, "nora", practice.pk, (practice.pk,), via="session", **facts)  # type: ignore[arg-type]


def test_the_principal_is_who_did_it(practice: Practice) -> None:
    record.tell(Action.EDIT, principal=nora(practice, on_behalf_of="sam"), detail="name", reason="misspelt")
    event = Event.objects.get()
    assert (event.actor, event.on_behalf_of, event.via, event.practice) == ("nora", "sam", "session", practice)
    assert (event.detail, event.reason, event.outcome) == ("name", "misspelt", Event.Outcome.SUCCESS)


def test_it_stands_or_falls_with_what_it_tells_of(practice: Practice) -> None:
    with transaction.atomic():
        record.tell(Action.MERGE, principal=nora(practice))
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    record.tell(Action.MERGE, principal=nora(practice))
    assert Event.objects.get().sequence == 1


def test_each_practice_has_a_chain_of_its_own(practice: Practice, other_practice: Practice) -> None:
    for place in (practice.pk, other_practice.pk, practice.pk, None):
        record.tell(Action.RIGHTS, actor="boss", practice_id=place)
    ends = dict(Head.objects.values_list("chain", "sequence"))
    assert ends == {practice.pk: 2, other_practice.pk: 1, chain.SITE: 1}
    second, first = Event.objects.filter(practice=practice)
    assert (first.prev_hash, second.prev_hash) == (chain.NOTHING, first.hash)


def test_a_superuser_outside_its_practices_raises_an_alert(practice: Practice, other_practice: Practice) -> None:
    boss = Principal(1, "boss", practice.pk, (practice.pk,), is_superuser=True)
    record.tell(Action.DELETE, principal=boss, study_instance_uid="1.2.3")
    record.tell(Action.DELETE, principal=boss, practice_id=other_practice.pk, study_instance_uid="1.2.3")
    alert = Event.objects.get(action=Action.OUTSIDE)
    assert (alert.practice, alert.study_instance_uid, alert.detail) == (other_practice, "1.2.3", "Deleted")


def test_text_that_no_database_takes_is_mended(practice: Practice) -> None:
    record.tell(Action.EXPORT, actor="a\0b\ud800\n" + "x" * 300, detail="y" * 999, practice_id=practice.pk)
    event = Event.objects.get()
    assert event.actor.startswith("a b  x")
    assert (len(event.actor), len(event.detail)) == (LENGTHS["actor"], LENGTHS["detail"])


def test_several_entries_are_written_at_once(practice: Practice) -> None:
    entries = [Entry(Action.ACCESS, "nora", practice.pk, "frames", count=n) for n in range(1, 1202)]
    with transaction.atomic(), connection.cursor() as cursor:
        record.record(cursor, entries)
    assert Head.objects.get().sequence == Event.objects.count() == 1201


def test_every_action_has_its_code() -> None:
    assert set(codes.CODES) == set(Action)


@pytest.mark.parametrize(
    ("trusted", "header", "address"),
    [(False, "203.0.113.9", "127.0.0.1"), (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"), (True, "", "127.0.0.1")],
)
def test_the_address_is_the_callers_own(settings, trusted: bool, header: str, address: str) -> None:  # type: ignore[no-untyped-def]
    from apps.core.requests import address_of

    settings.HTTPS = trusted
    assert address_of(RequestFactory(headers={"x-forwarded-for": header}).get("/")) == address
