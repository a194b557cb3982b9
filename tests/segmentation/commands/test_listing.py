"""The external commands of a site, as its file says them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.segmentation.commands import listing
from apps.segmentation.commands.listing import Command
from tests.segmentation.commands.samples import command, program, write_commands

EXAMPLE = Path("docs/examples/totalsegmentator.json")


@pytest.fixture
def path(tmp_path: Path, settings: Settings) -> Path:
    settings.SEGMENTER_COMMANDS = tmp_path / "commands.json"
    return tmp_path


def only(path: Path, **changes: Any) -> Command:
    write_commands(path / "commands.json", command(program(path), **changes))
    (found,) = listing.every()
    return found


def test_a_command_is_what_the_file_says(path: Path) -> None:
    found = only(path, memory_mb=2000)
    assert not found.problems
    assert (found.name, found.title, found.version, found.modalities) == ("organs", "Two organs", "2.1", ("CT",))
    assert (found.seconds, found.memory, found.needs_hu) == (60, 2000 << 20, True)
    liver, kidney = found.segments
    assert (liver.label, liver.type.meaning, kidney.modifier.meaning, kidney.colour) == (
        "liver",
        "Liver",
        "Left",
        (10, 20, 30),
    )
    assert liver.algorithm
    assert (liver.algorithm.name, liver.algorithm.version) == ("Two organs", "2.1")


def test_the_work_is_asked_with_what_the_file_says(path: Path) -> None:
    only(path)
    function, asked = listing.run_function("organs")
    assert function == "apps.segmentation.commands.working:segment"
    assert asked["arguments"][1:] == ["works", "{input}", "{output}", "{folder}"]
    assert (asked["environment"], asked["seconds"], asked["numbers"]) == ({"THREADS": "1"}, 60, [1, 2])
    assert json.loads(json.dumps(asked)) == asked


def test_its_digest_changes_with_what_the_file_says(path: Path) -> None:
    assert only(path).digest != only(path, version="2.2").digest


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "a b"}, "name is missing"),
        ({"name": "../up"}, "name is missing"),
        ({"shell": True}, "no such field as shell"),
        ({"arguments": "rm -rf /"}, "arguments is missing"),
        ({"arguments": ["/bin/true"]}, "don't have {input} and {output}"),
        ({"arguments": ["true", "{input}", "{output}"]}, "true can't be run"),
        ({"arguments": ["/bin", "{input}", "{output}"]}, "/bin can't be run"),
        ({"arguments": ["/bin/true", "{input}", "{output}", "\0"]}, "arguments is missing"),
        ({"arguments": ["/bin/true", *["{input}", "{output}"] * 200]}, "arguments is missing"),
        ({"environment": {"A=B": "1"}}, "environment is missing"),
        ({"environment": {"A": 1}}, "environment is missing"),
        ({"minutes": 0}, "minutes is missing"),
        ({"minutes": True}, "minutes is missing"),
        ({"memory_mb": 1 << 30}, "memory_mb is missing"),
        ({"modalities": "CT"}, "modalities is missing"),
        ({"modalities": ["ct"]}, "modalities is missing"),
        ({"needs_hu": "yes"}, "needs_hu is missing"),
        ({"segments": {}}, "segments is missing"),
        ({"segments": {"0": "background"}}, "segments.0 is missing"),
    ],
)
def test_commands_that_cant_be_used(path: Path, changes: dict[str, Any], problem: str) -> None:
    assert any(problem in each for each in only(path, **changes).problems)


def test_two_of_one_name_can_be_told_apart(path: Path) -> None:
    write_commands(path / "commands.json", command(program(path)), command(program(path)))
    first, second = listing.every()
    assert (first.problems, second.problems) == ([], ["Two commands are called organs."])


@pytest.mark.parametrize("content", ["", "[]", '{"commands": {}}', '{"commands": ["rm"]}'])
def test_a_file_that_cant_be_read_is_told(path: Path, content: str) -> None:
    (path / "commands.json").write_text(content)
    (found,) = listing.every()
    assert (found.name, len(found.problems)) == ("commands.json", 1)


def test_a_file_that_isnt_there_is_told(path: Path) -> None:
    (found,) = listing.every()
    assert found.problems == ["commands.json can't be read."]


def test_a_site_without_commands_has_none(settings: Settings) -> None:
    settings.SEGMENTER_COMMANDS = None
    assert listing.every() == []


def test_the_example_says_all_that_is_needed(settings: Settings) -> None:
    settings.SEGMENTER_COMMANDS = settings.BASE_DIR / EXAMPLE
    (found,) = listing.every()
    # Only the program isn't there.
    assert len(found.problems) == 1
    assert "TotalSegmentator can't be run" in found.problems[0]
    labels = {segment.number: segment.label for segment in found.segments}
    assert (len(labels), labels[1], labels[3], labels[117]) == (117, "spleen", "kidney left", "costal cartilages")
    assert [segment.label for segment in found.segments if segment.type.meaning == "Tissue"] == []
