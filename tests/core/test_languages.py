"""Texts that know how they were made, and the language of whoever reads them."""

import pickle
from datetime import date

import pytest
from django.test import Client
from django.utils.translation import override

from apps.core.languages import translated
from apps.saying import say, say_count


def test_a_sentence_is_the_english_text() -> None:
    assert say("{name} is unknown.", name="CT1") == "CT1 is unknown."


def test_a_sentence_by_number() -> None:
    said = [say_count("{count} file is left.", "{count} files are left.", count) for count in (0, 1, 2)]
    assert said == ["0 files are left.", "1 file is left.", "2 files are left."]


def test_a_sentence_survives_a_queue() -> None:
    said = pickle.loads(pickle.dumps(say("{name} is unknown.", name="CT1")))
    assert (said, said.template, said.values) == ("CT1 is unknown.", "{name} is unknown.", {"name": "CT1"})


def test_what_fills_a_sentence_is_translated_too() -> None:
    with override("fr"):
        said = translated(say("{day}: {reason}", day=date(2026, 3, 4), reason=say("Not found")))
    assert said == "04/03/2026: Introuvable"


@pytest.mark.parametrize(
    ("asked", "language", "title"),
    [
        ("fr-CA,fr;q=0.9", "fr", "Introuvable"),
        ("es", "es", "No encontrado"),
        ("zh-CN", "zh-hans", "未找到"),
        ("de", "en", "Not found"),
        ("xx;q=nonsense,,", "en", "Not found"),
    ],
)
def test_problems_come_in_the_callers_language(client: Client, asked: str, language: str, title: str) -> None:
    answer = client.get("/api/nothing-here", headers={"accept-language": asked})
    assert (answer.json()["title"], answer.headers["Content-Language"]) == (title, language)


def test_a_translation_that_fills_other_places_gives_way_to_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.core.languages.gettext", lambda text: "{nom} est inconnu.")
    assert translated(say("{name} is unknown.", name="CT1")) == "CT1 is unknown."
