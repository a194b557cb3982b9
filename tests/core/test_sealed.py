"""Secrets sealed by the site's own key."""

import pytest
from pytest_django import Settings

from apps.core.sealed import Unsealable, seal, unseal


def test_a_secret_is_read_again_and_is_not_in_what_is_kept() -> None:
    sealed = seal("ключ")
    assert "ключ" not in sealed
    assert unseal(sealed) == "ключ"


def test_no_secret_is_nothing() -> None:
    assert seal("") == unseal("") == ""


def test_another_key_reads_nothing_and_the_one_before_still_does(settings: Settings) -> None:
    sealed, before = seal("secret"), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(Unsealable):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(sealed) == "secret"


def test_what_was_changed_is_not_read() -> None:
    sealed = seal("secret")
    with pytest.raises(Unsealable):
        unseal(sealed[:-4] + "AAA=")
