"""Weights that are learnt from people's decisions, and studies that are looked at anew with them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict, Refused
from apps.practice.linking import teaching, verbs
from apps.practice.matching.weights import SHIPPED, Weights
from apps.practice.models import Match, MatchingWeights, MatchState
from tests.conftest import client_of, user_of
from tests.practice.linking.cases import lead, matched, standing, study

pytestmark = pytest.mark.django_db


def decided(practice: Practice, monkeypatch: pytest.MonkeyPatch, count: int = 3) -> list[Match]:
    """Links by people; as many as it takes."""
    monkeypatch.setattr(teaching, "LEAST_LINKS", count)
    who = Principal.worker(practice.pk, "dora")
    jane = lead(practice)
    return [verbs.link(who, study(practice, n, PatientID=f"Q-{n:05}"), jane) for n in range(1, count + 1)]


def test_a_new_version_is_learnt_and_nothing_decided_changes(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = decided(practice, monkeypatch)
    made = teaching.learn(Principal.worker(practice.pk), practice.pk, source="test")
    assert (made.version, made.links, made.rejections) == (1, 3, 0)
    assert Weights.of_json(json.dumps(made.weights)).chances != SHIPPED.chances
    assert {Match.objects.get(pk=each.pk).weights for each in matches} == {0}
    assert matched(practice, 9).weights == 1


def test_a_few_decisions_teach_nothing(practice: Practice) -> None:
    with pytest.raises(Conflict, match="takes at least 20"):
        teaching.learn(Principal.worker(practice.pk), practice.pk, source="test")


def test_it_takes_the_permission_to_administer(practice: Practice) -> None:
    with pytest.raises(Refused):
        teaching.learn(Principal.worker(practice.pk, permissions=frozenset()), practice.pk, source="test")


def test_the_button_learns(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(practice, monkeypatch)
    boss = user_of(practice, "boss")
    boss.is_staff = True
    boss.save()
    page = client_of(boss).post("/admin/practice/matchingweights/learn/", follow=True)
    assert "learnt from 3 links" in page.content.decode()


def test_the_button_is_for_those_who_run_the_practice(stranger_client: Client, anonymous: Client) -> None:
    for client in (stranger_client, anonymous):
        client.post("/admin/practice/matchingweights/learn/")
    assert not MatchingWeights.objects.exists()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("matching", *arguments, "--practice", "North", stdout=out)
    return out.getvalue()


def test_the_command_looks_at_all_that_is_undecided(practice: Practice) -> None:
    never = study(practice)
    jane = lead(practice)
    assert "1 linked" in run("run")
    assert Study.objects.get(pk=never.pk).match.lead == jane
    assert standing(never.match)[0] == MatchState.LINKED
    with pytest.raises(CommandError, match="takes at least"):
        run("learn")
