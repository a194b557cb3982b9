"""Intents: what is under way is named on disk for as long as it is."""

from pathlib import Path

import pytest

from apps.archive import intents
from apps.archive.intents import Intents, keys_in

KEYS = [f"abc/{number:032x}" for number in range(intents.MOST // 30)]


@pytest.fixture
def own(tmp_path: Path) -> Intents:
    return Intents(tmp_path)


def test_what_is_under_way_is_named(own: Intents, tmp_path: Path) -> None:
    own.begin(KEYS[:2])
    own.add(KEYS[2:3])
    assert keys_in(tmp_path) == set(KEYS[:3])


def test_the_file_is_emptied_when_it_is_large_and_nothing_is_under_way(own: Intents, tmp_path: Path) -> None:
    own.begin(KEYS)
    own.begin(["def/00"])
    own.end()
    assert len(keys_in(tmp_path)) == len(KEYS) + 1
    own.end()
    assert not keys_in(tmp_path)
    own.begin(KEYS[:1])
    assert keys_in(tmp_path) == set(KEYS[:1])


def test_what_could_not_be_removed_stays_named(own: Intents, tmp_path: Path) -> None:
    own.begin(KEYS)
    own.leave()
    own.end()
    assert keys_in(tmp_path) == set(KEYS)


def test_what_a_power_cut_left_is_no_key(own: Intents, tmp_path: Path) -> None:
    own.begin(KEYS[:1])
    with (tmp_path / f"all{intents.SUFFIX}").open("ab") as file:
        file.write(b"\0\0\0\n../../etc/passwd\nabc/")
    assert keys_in(tmp_path) == set(KEYS[:1])
