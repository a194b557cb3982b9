"""What is encoded anew: every step that a plan may hold, what becomes of damage and of sound, and who encodes."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from apps.video.conversion import hardware, transcoding
from apps.video.conversion.converting import convert, examine
from apps.video.conversion.hardware import Encoder
from apps.video.conversion.policy import Interlace, Mask, Policy, Sound, Speed, Timing
from apps.video.conversion.transcoding import Transcoded, transcode
from apps.video.errors import Code, Refused
from apps.video.objects.metadata import Metadata
from apps.video.streams import boxes
from apps.video.streams.facts import Chroma
from apps.video.streams.probing import probe
from apps.video.streams.scanning import scan
from tests.video import clips
from tests.video import matrix as films
from tests.video.clips import clip, number_of

Grey = NDArray[np.uint8]
SMALL = {"frames": 12, "options": {"level": "4.1"}}
# Whatever the file is, it is encoded: a mask where nothing is.
CORNER = Mask(0.95, 0.95, 0.05, 0.05)
ANEW = Policy(masks=(CORNER,), hardware=False)


def made(source: Path, folder: Path, policy: Policy = ANEW) -> Transcoded:
    probed, scanned, _, plan = examine(source, policy)
    return transcode(source, probed, scanned, plan, policy, folder / "made.mp4")


def luma(path: Path) -> list[Grey]:
    with av.open(str(path)) as file:
        return [np.asarray(picture.reformat(format="gray").to_ndarray(), np.uint8) for picture in file.decode(video=0)]


def planes(path: Path) -> list[NDArray[np.float64]]:
    """All samples of each picture, as they are coded."""
    with av.open(str(path)) as file:
        return [picture.to_ndarray().astype(float) for picture in file.decode(video=0)]


def numbers(path: Path) -> list[int]:
    return [number_of(picture) for picture in luma(path)]


@pytest.mark.parametrize("speed", list(Speed))
def test_every_speed_makes_high_profile_with_groups_of_two_seconds(speed: Speed, tmp_path: Path) -> None:
    source = clip("long.mp4", rate=5, frames=25, options={"level": "4.1"})
    found = made(source, tmp_path, replace(ANEW, speed=speed))
    probed, scanned = probe(found.file), scan(found.file, probe(found.file))
    assert (probed.pictures.profile, probed.pictures.level) == (100, 41)
    assert (probed.pictures.chroma, probed.pictures.bits) == (Chroma.HALF, 8)
    assert scanned.longest_group <= 10
    assert not scanned.has_user_data
    assert boxes.movie(found.file).is_head_first
    assert found.size == found.file.stat().st_size
    assert (found.encoder, found.frames, found.lost) == ("libx264", 25, 0)


@pytest.mark.parametrize(("rotation", "mirrored"), [(90, False), (180, False), (270, False), (0, True), (90, True)])
def test_pictures_are_turned_upright(rotation: int, mirrored: bool, tmp_path: Path) -> None:
    source = clip("turned.mp4", **SMALL, rotation=rotation, mirrored=mirrored)
    found = luma(made(source, tmp_path).file)[3]
    stored = clips.picture(3, (320, 240))
    turned = np.rot90(stored, -rotation // 90)
    upright = turned[:, ::-1] if mirrored else turned  # FFmpeg's order, in which the clip is made
    assert found.shape == upright.shape
    assert np.abs(found[20:-20, 20:-20].astype(int) - upright[20:-20, 20:-20]).mean() < 4


def test_masks_are_black_and_nothing_else_is(tmp_path: Path) -> None:
    source = clip("masked.mp4", **SMALL)
    found = luma(made(source, tmp_path, replace(ANEW, masks=(Mask(0.1, 0.5, 0.2, 0.25),))).file)[5]
    assert found[122:178, 34:94].max() <= 20
    assert found[:118].mean() > 60
    assert found[:, 100:].min() > 20


def test_anamorphic_pixels_are_squared(tmp_path: Path) -> None:
    source = clip("wide.mp4", size=(360, 288), frames=8, sample_aspect=Fraction(16, 15), options={"level": "4.1"})
    probed = probe(made(source, tmp_path, Policy(hardware=False)).file)
    assert (probed.pictures.columns, probed.pictures.rows) == (384, 288)
    assert probed.pictures.sample_aspect == 1


def test_an_odd_size_gets_a_line_that_repeats_the_last(tmp_path: Path) -> None:
    source = clip("odd.mkv", codec="libvpx-vp9", size=(161, 121), frames=6)
    found = luma(made(source, tmp_path, Policy(hardware=False)).file)[2]
    assert found.shape == (122, 162)
    assert abs(found[60, 161].astype(int) - found[60, 160]) < 12
    assert abs(found[121, 80].astype(int) - found[120, 80]) < 12


def test_interlaced_pictures_become_whole_ones(tmp_path: Path) -> None:
    source = clip("fields.mpg", codec="mpeg2video", size=(320, 240), rate=25, frames=8, interlaced=True)
    found = made(source, tmp_path, Policy(interlace=Interlace.PROGRESSIVE, hardware=False))
    assert not probe(found.file).pictures.is_interlaced
    assert found.frames == 8


def test_full_range_becomes_limited(tmp_path: Path) -> None:
    source = clip("full.avi", codec="mjpeg", frames=4, pixel_format="yuvj420p")
    found = planes(made(source, tmp_path).file)
    shown = clips.picture(0, (320, 240)).astype(float)
    assert len(found) == 4
    assert np.abs(found[0][40:200, 10:200] - (16 + shown[40:200, 10:200] * 219 / 255)).mean() < 4


def test_varying_times_become_constant_and_last_as_long(tmp_path: Path) -> None:
    source = films.phone()
    policy = Policy(timing=Timing.CONSTANT, hardware=False)
    probed, scanned, _, plan = examine(source, policy)
    found = transcode(source, probed, scanned, plan, policy, tmp_path / "made.mp4")
    assert abs(found.frames / plan.rate - scanned.timing.span) <= 1 / plan.rate
    shown = scan(found.file, probe(found.file)).timing
    assert (shown.is_constant, shown.rate) == (True, plan.rate)


def test_what_is_damaged_is_held_and_counted(tmp_path: Path) -> None:
    whole = clip("holed.ts", seconds=2, options={"level": "4.1", "crf": "10"})
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 188 * 6] = bytes(188 * 6)
    source = clips.written("holed-2.ts", bytes(data))
    found = made(source, tmp_path, Policy(hardware=False, max_lost=0.5))
    assert found.lost > 0
    assert abs(found.frames - 60) <= 2
    assert numbers(found.file)[-5:] == list(range(55, 60))


def test_more_than_may_be_lost_is_refused(tmp_path: Path) -> None:
    source = films.truncated()
    policy = Policy(hardware=False)
    probed, scanned, _, plan = examine(source, policy)
    with pytest.raises(Refused) as refused:
        transcode(source, probed, scanned, plan, replace(policy, max_lost=0.0), tmp_path / "made.mp4")
    assert refused.value.code is Code.DAMAGED
    assert list(tmp_path.iterdir()) == []


def test_sound_is_kept_where_it_is_asked_for(tmp_path: Path) -> None:
    source = films.vp9()
    found = made(source, tmp_path, Policy(sound=Sound.KEEP, hardware=False))
    assert found.sound == ("aac", 48000, 2)
    [sound] = probe(found.file).sounds
    assert (sound.codec, sound.rate, sound.channels) == ("aac", 48000, 2)
    assert probe(made(source, tmp_path, Policy(hardware=False)).file).sounds == ()


def test_a_coarse_encoder_is_refused_with_the_figures(tmp_path: Path) -> None:
    source = clip("noisy.mp4", **SMALL, noise=90)
    with pytest.raises(Refused) as refused:
        made(source, tmp_path, replace(ANEW, min_mean_psnr=70.0))
    assert refused.value.code is Code.QUALITY
    assert "at least 70" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_what_was_too_coarse_is_tried_again_finer(tmp_path: Path) -> None:
    source = clip("noisy.mp4", **SMALL, noise=90)
    coarse = made(source, tmp_path, ANEW).quality
    finer = made(source, tmp_path, replace(ANEW, min_mean_psnr=coarse.mean_psnr + 2)).quality
    assert finer.mean_psnr >= coarse.mean_psnr + 2


def test_the_figures_are_what_a_comparison_finds(tmp_path: Path) -> None:
    source = films.vp9()
    found = made(source, tmp_path, Policy(hardware=False))
    errors = [np.mean((one - two) ** 2) for one, two in zip(planes(source), planes(found.file), strict=True)]
    decibels = np.mean([10 * np.log10(255**2 / error) for error in errors])
    assert found.quality.mean_psnr == pytest.approx(decibels, abs=0.1)
    assert found.quality.frames_compared == 15
    assert found.quality.min_psnr <= found.quality.mean_psnr


def test_a_machine_that_fails_gives_way_to_x264(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder that opens, and makes another profile than it was told."""
    wrong = Encoder("h264_wrong", {"preset": "ultrafast"})
    monkeypatch.setattr(hardware, "machine_encoder", lambda: wrong)
    real = transcoding._Film._stream

    def opened(film: Any, container: Any, picture: Any) -> Any:
        if film._encoder.name == "h264_wrong":
            film._encoder = replace(film._encoder, name="libx264", options={"preset": "ultrafast"})
        return real(film, container, picture)

    monkeypatch.setattr(transcoding._Film, "_stream", opened)
    found = made(clip("plain.mp4", **SMALL), tmp_path, replace(ANEW, hardware=True))
    assert found.encoder == "libx264"
    assert probe(found.file).pictures.profile == 100


def test_an_encoder_is_believed_in_when_it_works() -> None:
    assert hardware.works(Encoder("libx264", {"preset": "ultrafast"}))
    assert not hardware.works(Encoder("h264_absent"))
    assert not hardware.works(Encoder("libx264", {"preset": "unknown"}))


def test_who_stops_it_leaves_nothing(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def tell(stage: str, done: int, total: int) -> None:
        if stage == transcoding.STAGE and done > 2:
            raise Stopped

    with pytest.raises(Stopped):
        convert(clip("plain.mp4", **SMALL), tmp_path / "object.dcm", Metadata(seed="1"), ANEW, tell=tell)
    assert list(tmp_path.iterdir()) == []


def test_what_is_larger_stays_as_hevc_where_it_is_wanted(tmp_path: Path) -> None:
    source = clip("large.mp4", size=(2560, 1440), frames=3, options={"preset": "ultrafast"})
    found = made(source, tmp_path, replace(ANEW, keep_4k=True, speed=Speed.EXPRESS))
    pictures = probe(found.file).pictures
    assert (pictures.codec, pictures.profile, pictures.columns, pictures.rows) == ("hevc", 1, 2560, 1440)
    assert pictures.level <= 153
    assert found.encoder == "libx265"
