"""What the store writes for the rules."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.store import Batch, Origin
from apps.remotes.models import Remote
from apps.routing import interest
from apps.routing.models import Arrival, Rule
from tests import dicoms
from tests.dicomweb.archive import keep


@pytest.fixture
def rule(practice: Practice, elsewhere: Remote) -> Rule:
    rule = Rule.objects.create(practice=practice, name="All of it")
    rule.destinations.add(elsewhere)
    return rule


def test_what_came_together_is_one_row(practice: Practice, rule: Rule) -> None:
    keep(practice, *dicoms.ct_series(3))
    arrival = Arrival.objects.get()
    assert arrival.practice == practice
    assert arrival.study == Study.objects.get()
    assert arrival.sop_instance_uids.split() == [dicoms.uid(1, 1, number) for number in (1, 2, 3)]


def test_where_it_came_from_is_noted(practice: Practice, rule: Rule, elsewhere: Remote) -> None:
    origin = Origin("C-STORE", practice.pk, "XRAY", remote_id=elsewhere.pk, calling_title="XRAY")
    with Batch(origin) as batch:
        batch.receive([dicoms.ct_slice()])
        batch.commit()
    arrival = Arrival.objects.get()
    assert (arrival.remote, arrival.calling_title) == (elsewhere, "XRAY")


def test_two_studies_of_a_batch_are_two_rows(practice: Practice, rule: Rule) -> None:
    other = dicoms.ct_slice(StudyInstanceUID=dicoms.uid(6), SOPInstanceUID=dicoms.uid(6, 1))
    keep(practice, dicoms.ct_slice(), other)
    assert Arrival.objects.values("study").distinct().count() == 2


def test_an_instance_that_comes_again_is_not_looked_at_again(practice: Practice, rule: Rule) -> None:
    keep(practice, dicoms.ct_slice())
    Arrival.objects.all().delete()
    keep(practice, dicoms.ct_slice())
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("off", [{"is_active": False}, {"is_active": True}])
def test_nothing_is_written_where_no_rule_of_the_practice_is_on(
    practice: Practice, other_practice: Practice, rule: Rule, off: dict[str, Any]
) -> None:
    rule.is_active, rule.practice = off["is_active"], other_practice
    rule.save()
    keep(practice, dicoms.ct_slice())
    assert not Arrival.objects.exists()


def test_routing_costs_one_statement_and_without_rules_none(practice: Practice, rule: Rule) -> None:
    keep(practice, dicoms.ct_slice())
    with_rule = _statements(practice, 2)
    rule.delete()
    interest.practices()
    without = _statements(practice, 3)
    added = [sql for sql in with_rule if "routing_" in sql]
    assert len(added) == 1
    assert "INSERT INTO routing_arrival" in added[0]
    assert len(with_rule) == len(without) + 1
    assert not any("routing_" in sql for sql in without)


def test_a_remote_that_is_deleted_meanwhile_does_not_stop_the_store(practice: Practice, rule: Rule) -> None:
    with Batch(Origin("C-STORE", practice.pk, "XRAY", remote_id=999, calling_title="XRAY")) as batch:
        batch.receive([dicoms.ct_slice()])
        assert not batch.commit()[0].failure_reason
    assert Arrival.objects.count() == 1


def _statements(practice: Practice, number: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        keep(practice, dicoms.ct_slice(InstanceNumber=number, SOPInstanceUID=dicoms.uid(1, 1, number)))
    return [query["sql"] for query in captured.captured_queries]
