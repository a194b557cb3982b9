"""The catalogues of translations: complete, and harmless where they are not."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from apps.core import catalogues
from apps.core.marked import Marked, in_module, in_template, marked, places


@pytest.fixture(scope="module")
def texts() -> list[Marked]:
    return list(marked(settings.BASE_DIR))


def test_there_is_a_catalogue_for_each_language_that_is_offered() -> None:
    assert {"en", *catalogues.FOLDERS} == set(dict(settings.LANGUAGES))


def test_every_text_is_translated_and_filled_alike(texts: list[Marked]) -> None:
    wrong = [
        text for language in catalogues.FOLDERS for text in catalogues.problems(language, texts, settings.BASE_DIR)
    ]
    assert not wrong, "\n".join(wrong[:40])


def test_no_module_calls_gettext_by_a_name_under_which_its_texts_are_not_found() -> None:
    named = re.compile(r"n?p?gettext(?:_lazy)? as (\w+)")
    modules = settings.BASE_DIR.glob("apps/**/*.py")
    assert {name for module in modules for name in named.findall(module.read_text("utf-8"))} == {"_"}


def test_texts_of_a_module() -> None:
    source = (
        'raise Refused(say("{name} " "is unknown.", name=_("It")))\nngettext("%d file", "%d files", n)\nother("No")'
    )
    assert {text for text, _ in in_module(source)} == {
        Marked("{name} is unknown."),
        Marked("It"),
        Marked("%d file", "%d files"),
    }


def test_texts_of_a_template() -> None:
    source = (
        '{% translate "It\'s (not) new" %}{% blocktranslate trimmed count number=n with name=row.name %}\n'
        "  {{ name }} has one\n{% plural %}\n  {{ name }} has {{ number }}\n{% endblocktranslate %}\n"
        '{{ _("Label") }}{% translate "May" context "month" %}'
    )
    assert {text for text, _ in in_template(source)} == {
        Marked("It's (not) new"),
        Marked("%(name)s has one", "%(name)s has %(number)s"),
        Marked("Label"),
        Marked("May", context="month"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("100 %% of %(name)s", {"name"}), ("{size:,} of {name!r}", {"size", "name"}), ("plain", set())],
)
def test_places(text: str, expected: set[str]) -> None:
    assert places([text]) == expected


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    for language in catalogues.FOLDERS:
        catalogue = Catalog(locale=catalogues.FOLDERS[language], charset="utf-8", fuzzy=False)
        catalogue.add("{name} is unknown.", "{nom} est inconnu.")
        catalogue.add("Gone", "Parti")
        catalogues.write(catalogue, language, tmp_path)
    return tmp_path


def test_a_translation_that_fills_other_places_is_told(broken: Path) -> None:
    told = list(catalogues.problems("fr", [Marked("{name} is unknown."), Marked("New")], broken))
    assert told == [
        "fr: fills ['nom'], not ['name']: '{name} is unknown.'",
        "fr: not translated: 'New'",
        "fr: no longer needed: 'Gone'",
    ]


def test_a_translation_that_fills_other_places_is_left_out(broken: Path) -> None:
    left_out = catalogues.compile_all(broken)
    ready = catalogues.path_of("fr", broken).with_suffix(".mo").read_bytes()
    assert len(left_out) == 3
    assert b"Parti" in ready
    assert b"inconnu" not in ready
