"""Every row of the table of decisions, by facts that are made by hand."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from apps.saying import say
from apps.video.conversion.deciding import decide, is_doubtful
from apps.video.conversion.plan import Path, SoundPlan
from apps.video.conversion.policy import Hevc, Interlace, Mask, Mjpeg, Policy, Sound, Timing
from apps.video.errors import Code, Refused
from apps.video.streams.damage import Damage
from apps.video.streams.facts import Chroma, EditList, Stereo
from tests.video.conversion.facts import AAC, CLEAN, plan, probe, scan, varying

ROOT = "1.2.840.10008.1.2.4."
KEEP_SOUND = Policy(sound=Sound.KEEP)
HEVC = {"codec": "hevc", "profile": 1, "level": 153}
MPEG2 = {"codec": "mpeg2video", "profile": 4, "level": 4, "format": "mpegts", "brand": ""}
MPEG2_SMALL = {**MPEG2, "level": 8, "columns": 720, "rows": 576, "sample_aspect": Fraction(16, 15)}
MJPEG = {"codec": "mjpeg", "profile": 192, "level": 0, "format": "avi", "brand": ""}


def syntax(of: Any) -> str:
    return str(of.transfer_syntax_uid).removeprefix(ROOT)


def test_what_is_conformant_and_tells_nothing_stays_byte_for_byte() -> None:
    decided = plan()
    assert (decided.path, syntax(decided), decided.sound) == (Path.PASSTHROUGH, "102", SoundPlan.NONE)
    assert (decided.columns, decided.rows, decided.rate) == (1280, 720, 30)
    assert len(decided.reasons) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "matroska", "brand": ""},
        {"format": "mpegts", "brand": ""},
        {"brand": "qt  "},
        {"brand": ""},
        {"is_head_first": False},
        {"is_fragmented": True},
        {"edit_list": EditList.AT_KEYFRAME},
        {"other_streams": 1},
        {"metadata": ("location",)},
        {"sounds": (AAC,)},
    ],
    ids=str,
)
def test_another_container_or_what_it_tells_is_left_behind(changes: dict[str, Any]) -> None:
    decided = plan(**changes)
    assert (decided.path, syntax(decided), decided.sound) == (Path.REMUX, "102", SoundPlan.NONE)
    assert decided.reasons


def test_user_data_among_the_pictures_is_left_behind() -> None:
    assert plan(scanned=scan(has_user_data=True)).path is Path.REMUX


def test_a_legal_sound_that_is_wanted_stays_where_it_is() -> None:
    decided = plan(KEEP_SOUND, sounds=(AAC,))
    assert (decided.path, decided.sound) == (Path.PASSTHROUGH, SoundPlan.COPY)


@pytest.mark.parametrize(
    "change", [{"rate": 44_100}, {"channels": 1}, {"codec": "opus"}, {"profile": "HE-AAC"}], ids=str
)
def test_only_an_illegal_sound_is_encoded(change: dict[str, Any]) -> None:
    decided = plan(KEEP_SOUND, sounds=(replace(AAC, **change),))
    assert (decided.path, decided.sound) == (Path.REMUX, SoundPlan.ENCODE)


def test_of_several_sounds_the_first_stays() -> None:
    decided = plan(KEEP_SOUND, sounds=(AAC, AAC), other_streams=1)
    assert (decided.path, decided.sound) == (Path.REMUX, SoundPlan.COPY)


@pytest.mark.parametrize(
    ("changes", "needed", "label", "expected"),
    [
        ({"profile": 77, "level": 40}, 31, (100, 40), "102"),
        ({"profile": 66, "constraints": 0x40, "level": 30}, 22, (100, 30), "102"),
        ({"level": 51}, 31, (100, 41), "102"),
        ({"level": 51}, 42, (100, 42), "104"),
        ({"level": 40}, 42, (100, 42), "104"),
        ({"profile": 77, "level": 52}, 42, (100, 42), "104"),
    ],
)
def test_a_head_that_lies_is_put_right(
    changes: dict[str, Any], needed: int, label: tuple[int, int], expected: str
) -> None:
    decided = plan(scanned=scan(needed_level=needed), **changes)
    assert (decided.path, syntax(decided)) == (Path.RELABEL, expected)
    assert (decided.profile, decided.level) == label


def test_a_truthful_level_of_4_2_has_its_own_syntax() -> None:
    decided = plan(scanned=scan(needed_level=42, rate=Fraction(60)), level=42)
    assert (decided.path, syntax(decided), decided.rate) == (Path.PASSTHROUGH, "104", 60)


def test_progressive_25_is_never_called_bluray() -> None:
    assert syntax(plan(scanned=scan(rate=Fraction(25), needed_level=40), columns=1920, rows=1080)) == "102"


def test_all_of_baseline_is_kept_only_where_it_was_decoded() -> None:
    baseline = {"profile": 66, "constraints": 0}
    assert plan(**baseline).path is Path.TRANSCODE
    assert plan(**baseline, damage=CLEAN).path is Path.RELABEL
    assert is_doubtful(probe(**baseline), scan())
    assert not is_doubtful(probe(profile=66, constraints=0x40), scan())


@pytest.mark.parametrize(
    ("stereo", "profile", "expected"), [(Stereo.FRAME_PACKED, 100, "105"), (Stereo.MULTIVIEW, 128, "106")]
)
def test_two_views_have_their_own_syntaxes(stereo: Stereo, profile: int, expected: str) -> None:
    decided = plan(stereo=stereo, profile=profile)
    assert (decided.path, syntax(decided)) == (Path.PASSTHROUGH, expected)


def test_more_than_two_views_are_encoded_anew() -> None:
    assert plan(stereo=Stereo.MULTIVIEW, profile=118).path is Path.TRANSCODE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [(HEVC, "107"), ({**HEVC, "profile": 2, "bits": 10}, "108"), ({**HEVC, "columns": 3840, "rows": 2160}, "107")],
    ids=str,
)
def test_hevc_is_put_anew_as_it_is(changes: dict[str, Any], expected: str) -> None:
    decided = plan(**changes)
    assert (decided.path, syntax(decided)) == (Path.REMUX, expected)


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        ({"level": 156}, ("scale",)),
        ({"constraints": 1}, ()),
        ({"profile": 4}, ()),
        ({"is_interlaced": True}, ("deinterlace",)),
        ({"profile": 2, "bits": 8}, ("420",)),
        ({"chroma": Chroma.WIDE}, ("420",)),
    ],
    ids=str,
)
def test_other_hevc_is_encoded_anew(change: dict[str, Any], steps: tuple[str, ...]) -> None:
    decided = plan(**{**HEVC, **change})
    assert (decided.path, syntax(decided), decided.steps) == (Path.TRANSCODE, "102", steps)


def test_hevc_becomes_h264_where_that_is_wanted() -> None:
    assert plan(Policy(hevc=Hevc.H264), **HEVC).path is Path.TRANSCODE


@pytest.mark.parametrize(
    ("changes", "rate", "expected"),
    [
        (MPEG2, 25, "101"),
        (MPEG2, Fraction(60000, 1001), "101"),
        ({**MPEG2, "level": 6}, 25, "101"),
        ({**MPEG2, "columns": 1920, "rows": 1080, "is_interlaced": True}, 25, "101"),
        (MPEG2_SMALL, 25, "100"),
        ({**MPEG2_SMALL, "is_interlaced": True}, 25, "100"),
        ({**MPEG2_SMALL, "rows": 480}, Fraction(30000, 1001), "100"),
    ],
)
def test_mpeg2_of_the_tables_becomes_a_bare_stream(changes: dict[str, Any], rate: Fraction, expected: str) -> None:
    decided = plan(scanned=scan(rate=Fraction(rate)), **changes)
    assert (decided.path, syntax(decided), decided.container) == (Path.REMUX, expected, "mpegvideo")


@pytest.mark.parametrize(
    ("changes", "rate", "size"),
    [
        ({**MPEG2, "columns": 1440, "rows": 1080, "sample_aspect": Fraction(4, 3), "level": 6}, 25, (1920, 1080)),
        ({**MPEG2, "columns": 1920, "rows": 1080}, 50, (1920, 1080)),
        ({**MPEG2, "is_interlaced": True}, 25, (1280, 720)),
        (MPEG2, 24, (1280, 720)),
        ({**MPEG2_SMALL, "sample_aspect": Fraction(1)}, 30, (720, 576)),
        ({**MPEG2, "profile": 0}, 25, (1280, 720)),
        ({**MPEG2, "codec": "mpeg1video", "profile": 0, "level": 0}, 25, (1280, 720)),
    ],
)
def test_other_mpeg2_is_encoded_anew(changes: dict[str, Any], rate: int, size: tuple[int, int]) -> None:
    decided = plan(scanned=scan(rate=Fraction(rate)), **changes)
    assert (decided.path, (decided.columns, decided.rows)) == (Path.TRANSCODE, size)


def test_a_bare_mpeg2_stream_stays_byte_for_byte() -> None:
    decided = plan(scanned=scan(rate=Fraction(25)), **{**MPEG2, "format": "mpegvideo"})
    assert (decided.path, decided.reasons != ()) == (Path.PASSTHROUGH, True)


def test_mpeg2_with_its_sound_is_a_transport_stream() -> None:
    sound = replace(AAC, codec="mp2")
    decided = plan(KEEP_SOUND, scanned=scan(rate=Fraction(25)), sounds=(sound,), **MPEG2)
    assert (decided.path, decided.container, decided.sound) == (Path.REMUX, "mpegts", SoundPlan.ENCODE)


def test_jpegs_become_frames() -> None:
    decided = plan(**MJPEG)
    assert (decided.path, syntax(decided), decided.container) == (Path.WRAP_JPEG, "50", "jpeg")


@pytest.mark.parametrize(
    ("policy", "change"),
    [
        (Policy(mjpeg=Mjpeg.H264), {}),
        (KEEP_SOUND, {"sounds": (AAC,)}),
        (Policy(), {"profile": 194}),
        (Policy(), {"bits": 12}),
        (Policy(), {"chroma": Chroma.MONOCHROME}),
        (Policy(), {"is_interlaced": True}),
    ],
)
def test_other_jpegs_are_encoded_anew(policy: Policy, change: dict[str, Any]) -> None:
    assert plan(policy, **{**MJPEG, **change}).path is Path.TRANSCODE


@pytest.mark.parametrize(
    ("changes", "steps", "size"),
    [
        ({"rotation": 90}, ("rotate",), (720, 1280)),
        ({"is_mirrored": True}, ("rotate",), (1280, 720)),
        ({"columns": 720, "rows": 576, "sample_aspect": Fraction(16, 15)}, ("square", "scale"), (768, 576)),
        ({"columns": 720, "rows": 480, "sample_aspect": Fraction(8, 9)}, ("square", "scale"), (720, 540)),
        ({"chroma": Chroma.FULL}, ("420",), (1280, 720)),
        ({"bits": 10}, ("420",), (1280, 720)),
        ({"profile": 110}, (), (1280, 720)),
        ({"edit_list": EditList.MID_GROUP}, (), (1280, 720)),
        ({"codec": "vp9", "columns": 321, "rows": 243}, ("scale",), (322, 244)),
        ({**MPEG2_SMALL, "columns": 321, "rows": 243, "sample_aspect": Fraction(1)}, ("scale",), (322, 244)),
        ({"codec": "prores", "chroma": Chroma.WIDE, "bits": 10}, ("420",), (1280, 720)),
        ({"is_interlaced": True, "codec": "dvvideo"}, ("deinterlace",), (1280, 720)),
    ],
)
def test_what_no_syntax_holds_is_encoded_anew(
    changes: dict[str, Any], steps: tuple[str, ...], size: tuple[int, int]
) -> None:
    decided = plan(**changes)
    assert (decided.path, decided.steps, (decided.columns, decided.rows)) == (Path.TRANSCODE, steps, size)
    assert (syntax(decided), decided.profile, decided.level) == ("102", 100, 41)
    assert decided.reasons
    assert decided.is_lossy_again


def test_fields_stay_unless_whole_pictures_are_wanted() -> None:
    assert plan(is_interlaced=True).path is Path.PASSTHROUGH
    progressive = plan(Policy(interlace=Interlace.PROGRESSIVE), is_interlaced=True)
    assert (progressive.path, progressive.steps) == (Path.TRANSCODE, ("deinterlace",))


def test_a_mask_needs_new_pictures() -> None:
    decided = plan(Policy(masks=(Mask(0, 0, 0.2, 0.1),)))
    assert (decided.path, decided.steps) == (Path.TRANSCODE, ("mask",))


def test_changing_heads_need_new_pictures() -> None:
    assert plan(scanned=scan(has_parameter_changes=True)).path is Path.TRANSCODE


def test_4k_is_scaled_or_becomes_hevc() -> None:
    four_k = {"columns": 3840, "rows": 2160, "level": 51}
    scanned = scan(needed_level=51)
    scaled = plan(scanned=scanned, **four_k)
    assert (scaled.path, (scaled.columns, scaled.rows), syntax(scaled)) == (Path.TRANSCODE, (1920, 1080), "102")
    kept = plan(Policy(keep_4k=True), scanned=scanned, **four_k)
    assert (kept.path, (kept.columns, kept.rows), syntax(kept)) == (Path.TRANSCODE, (3840, 2160), "107")
    assert (kept.profile, kept.level) == (1, 153)


def test_quick_films_get_the_level_they_need() -> None:
    decided = plan(codec="vp9", columns=1920, rows=1080, scanned=scan(rate=Fraction(60)))
    assert (syntax(decided), decided.level, decided.rate) == ("104", 42, 60)
    slowed = plan(codec="vp9", scanned=scan(rate=Fraction(240)))
    assert (slowed.rate, slowed.steps) == (60, ("rate",))


def test_varying_times_are_listed_where_that_fits() -> None:
    decided = plan(scanned=varying(100))
    assert (decided.path, len(decided.intervals), decided.intervals[0]) == (Path.PASSTHROUGH, 100, 0.0)
    assert decided.intervals[1:8] == (33.333,) * 6 + (100.0,)


@pytest.mark.parametrize(
    ("policy", "count", "changes"),
    [(Policy(timing=Timing.CONSTANT), 100, {}), (Policy(), 12_000, {}), (Policy(), 100, MPEG2)],
    ids=["wanted", "too-many", "mpeg2"],
)
def test_other_varying_times_become_constant(policy: Policy, count: int, changes: dict[str, Any]) -> None:
    decided = plan(policy, scanned=varying(count), **changes)
    assert (decided.path, decided.rate, decided.intervals) == (Path.TRANSCODE, 30, ())
    assert "rate" in decided.steps


def test_a_bare_stream_tells_its_rate_or_is_told_it() -> None:
    assert plan(format="h264", brand="", rate=Fraction(50)).rate == 50
    assert plan(Policy(rate=Fraction(24)), format="h264", brand="", rate=None).rate == 24
    with pytest.raises(Refused) as refused:
        plan(format="h264", brand="", rate=None)
    assert refused.value.code is Code.NO_FRAME_RATE


@pytest.mark.parametrize(
    ("policy", "changes", "code"),
    [
        (Policy(max_bytes=1 << 10), {}, Code.TOO_LARGE),
        (Policy(max_seconds=59), {}, Code.TOO_LONG),
        (Policy(), {"scanned": scan(frames=0)}, Code.NO_PICTURES),
        (Policy(), {"damage": Damage(0, 5, 0, "")}, Code.DAMAGED),
        (Policy(), {"damage": Damage(1400, 5, 0, "")}, Code.DAMAGED),
        (Policy(), {"damage": Damage(1800, 5, 400, "")}, Code.DAMAGED),
    ],
)
def test_what_is_too_much_or_too_little_is_refused(policy: Policy, changes: dict[str, Any], code: Code) -> None:
    with pytest.raises(Refused) as refused:
        plan(policy, **changes)
    assert refused.value.code is code


def test_damage_is_bad_for_pictures_that_it_hit() -> None:
    hit = plan(damage=Damage(1790, 10, 3, ""), scanned=scan(is_short=True))
    assert (hit.path, hit.steps) == (Path.TRANSCODE, ("recover",))
    whole = plan(damage=CLEAN, scanned=scan(is_short=True))
    assert whole.path is Path.REMUX
    assert any("missing" in reason for reason in whole.reasons)


@pytest.mark.parametrize(
    "change", [{"corrupt_packets": 1}, {"is_short": True}, {"key_times": (Fraction(1, 2),)}], ids=str
)
def test_what_seems_wrong_is_decoded_first(change: dict[str, Any]) -> None:
    assert is_doubtful(probe(), scan(**change))
    assert not is_doubtful(probe(), scan())


def test_what_could_not_be_kept_is_encoded() -> None:
    decided = decide(probe(), scan(), None, Policy(), failed=say("It was not the same."))
    assert (decided.path, decided.reasons) == (Path.TRANSCODE, ("It was not the same.",))
