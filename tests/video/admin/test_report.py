"""The verification report in people's words."""

from typing import Any

import pytest

from apps.video.admin.report import Line, lines_of, warning_of

VERIFIED: dict[str, Any] = {
    "frames": 1798, "profile": 100, "level": 41, "columns": 1280, "rows": 720, "rate": "30000/1001", "isWhole": True,
    "quality": None, "lostFrames": 0, "digest": "5f0c",
}  # fmt: skip
REPORT: dict[str, Any] = {
    "path": "remux", "isExact": True, "transferSyntaxUid": "1.2.840.10008.1.2.4.102", "frames": 1798, "lostFrames": 0,
    "columns": 1280, "rows": 720, "rate": "30000/1001", "isConstantRate": True, "seconds": 60.0, "bytes": 1 << 20,
    "sourceBytes": 2 << 20, "sound": None, "steps": [], "reasons": [], "encoder": "", "verified": VERIFIED,
}  # fmt: skip
QUALITY = {"meanPsnr": 43.21, "minPsnr": 33.9, "ssim": 0.9862, "framesCompared": 150}


def line(what: str, report: dict[str, Any] = REPORT, **verified: Any) -> Line:
    told = report | {"verified": VERIFIED | verified}
    return next(each for each in lines_of(told) if each.what.startswith(what))


@pytest.mark.parametrize("report", [None, {}])
def test_without_a_report_there_is_no_table(report: dict[str, Any] | None) -> None:
    assert lines_of(report) == []


def test_what_is_as_decided_is_right() -> None:
    assert line("Size") == Line("Size", "1280 by 720", "1280 by 720", is_right=True)
    assert line("Pictures a second").found == "29.97"
    assert line("Profile").found == "High 4.1"
    assert line("Profile", profile=2, level=153).found == "Main 10 5.1"
    assert line("The pictures are").is_right


@pytest.mark.parametrize(
    ("changed", "what"),
    [({"columns": 720}, "Size"), ({"rate": "25/1"}, "Pictures a second"), ({"frames": 1797}, "Pictures that decode")],
)
def test_what_is_not_is_said(changed: dict[str, Any], what: str) -> None:
    assert line(what, **changed).is_right is False


def test_lost_pictures_are_told() -> None:
    told = line("Pictures that are lost", REPORT | {"lostFrames": 12})
    assert (told.found, told.wanted, told.is_right) == ("12", "0", False)


@pytest.mark.parametrize(
    ("damaged", "warning"),
    [
        (0, ""),
        (1, "1 picture of this film is damaged: the file came so, and is kept as it is."),
        (1200, "1,200 pictures of this film are damaged: the file came so, and is kept as it is."),
    ],
)
def test_damage_that_was_found_afterwards_is_told(damaged: int, warning: str) -> None:
    report = REPORT | {
        "afterwards": {"frames": 1798 - damaged, "damaged": damaged, "checkedAt": "2026-11-22T09:30:00Z"}
    }
    told = line("Damaged pictures", report)
    assert (told.found, told.wanted, told.is_right) == (f"{damaged:,}", "0", damaged == 0)
    assert warning_of(report) == warning


def test_before_it_is_looked_for_nothing_is_said_of_damage() -> None:
    assert not [each for each in lines_of(REPORT) if each.what.startswith("Damaged")]
    assert warning_of(REPORT) == warning_of(None) == ""


def test_what_was_encoded_is_held_against_the_gate() -> None:
    assert line("Likeness on average", quality=QUALITY).is_right
    assert line("Likeness of the worst", quality=QUALITY).is_right is False
    assert line("Likeness in structure", quality=QUALITY).wanted == "at least 0.95"


def test_sound_is_told() -> None:
    kept = REPORT | {"sound": {"codec": "aac", "rate": 48000, "channels": 2}}
    assert line("Sound", kept).found == "aac, 48000 Hz, channels: 2"
    assert line("Sound").found == "none"
