"""Saving at the same moment, again and again, and with few queries."""

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict
from apps.reports import creating, revisions, saving, states
from apps.reports.content.changing import Change, EntryChange
from apps.reports.models import Report, Status, TemplateVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


@pytest.fixture
def report(who: Principal, study: Study, version: TemplateVersion) -> Report:
    return creating.create(who, study, version)


def saying(text: str) -> saving.Saving:
    return saving.Saving(Change({"why": EntryChange(text)}))


def test_of_two_at_the_same_moment_one_is_told(who: Principal, report: Report):
    mine, other = Report.objects.get(pk=report.pk), Report.objects.get(pk=report.pk)
    saving._update(mine, {"content": {"entries": {}}, "changed_at": report.changed_at})
    with pytest.raises(saving.Stale) as told:
        saving._update(other, {"content": {"entries": {"why": {"value": "lost"}}}, "changed_at": report.changed_at})
    assert told.value.report.revision == mine.revision == 2
    assert Report.objects.get(pk=report.pk).content == {"entries": {}}


def test_what_is_signed_meanwhile_is_not_written(who: Principal, report: Report):
    Report.objects.filter(pk=report.pk).update(status=Status.FINAL)
    with pytest.raises(Conflict, match="signed"):
        saving._update(report, {"changed_at": report.changed_at})


def test_a_revision_ends_after_five_minutes_and_at_each_step(
    who: Principal, report: Report, monkeypatch: pytest.MonkeyPatch
):
    for number in (1, 2):
        saving.save(who, report.pk, number, saying(f"{number}"))
    assert [row.number for row in report.revisions.all()] == [3, 1]
    monkeypatch.setattr(revisions, "TOGETHER", timedelta(0))
    saving.save(who, report.pk, 3, saying("later"))
    monkeypatch.undo()
    states.make_preliminary(who, report.pk)
    saving.save(who, report.pk, 5, saying("last"))
    assert [(row.number, row.status) for row in report.revisions.all()] == [
        (6, "preliminary"), (5, "preliminary"), (4, "draft"), (3, "draft"), (1, "draft"),
    ]  # fmt: skip


def test_saving_takes_few_queries(who: Principal, report: Report, django_assert_num_queries: Any):
    saving.save(who, report.pk, 1, saying("one"))
    # The report, both ends of the transaction, the two rows, and which revision was the last.
    with django_assert_num_queries(6):
        saving.save(who, report.pk, 2, saying("two"))
