"""The sound beside the pictures: copied where it may stay, else encoded, always on the pictures' clock."""

from pathlib import Path

import av
import numpy as np
import pytest

from apps.video.conversion.plan import Path as Way
from apps.video.conversion.plan import SoundPlan
from apps.video.conversion.policy import Policy, Sound
from tests.video.clips import Sounding, clip
from tests.video.conversion.films import made, pictures

KEEP = Policy(sound=Sound.KEEP)
HIGH = {"seconds": 1, "options": {"level": "4.1"}}
MPEG2 = {"codec": "mpeg2video", "size": (352, 288), "rate": 25, "seconds": 1}
RATE = 48_000


def heard(film: Path) -> np.ndarray:
    """What is decoded, as loudness from 0 to 1 of one channel, from the first picture's time on."""
    with av.open(str(film)) as container:
        pictured = container.streams.video[0].start_time * container.streams.video[0].time_base
        frames = list(container.decode(audio=0))
    late = max(round((frames[0].pts * frames[0].time_base - pictured) * frames[0].sample_rate), 0)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    parts = [part.to_ndarray()[0] for frame in [*frames, None] for part in resampler.resample(frame)]
    return np.concatenate([np.zeros(late * RATE // frames[0].sample_rate), *parts])


def onset(film: Path) -> float:
    """When it is first loud, seconds after the first picture."""
    return float(np.argmax(np.abs(heard(film)) > 0.05)) / RATE


@pytest.mark.parametrize(
    ("name", "sound", "plan", "codec", "of"),
    [
        ("a.avi", Sounding("pcm_s16le"), SoundPlan.ENCODE, ("aac", RATE, 2), HIGH),
        ("a.mov", Sounding("aac", 44_100, "mono"), SoundPlan.ENCODE, ("aac", RATE, 2), HIGH),
        ("a.mkv", Sounding("libopus"), SoundPlan.ENCODE, ("aac", RATE, 2), HIGH),
        ("b.mkv", Sounding("aac"), SoundPlan.COPY, ("aac", RATE, 2), HIGH),
        ("c.mkv", Sounding("libmp3lame", 44_100), SoundPlan.COPY, ("mp3", 44_100, 2), HIGH),
        ("a.mpg", Sounding("mp2"), SoundPlan.ENCODE, ("mp3", RATE, 2), MPEG2),
        ("a.ts", Sounding("libmp3lame"), SoundPlan.COPY, ("mp3", RATE, 2), MPEG2),
    ],
)
def test_it_is_kept_beside_unchanged_pictures(
    tmp_path: Path, name: str, sound: Sounding, plan: SoundPlan, codec: tuple[str, int, int], of: dict[str, object]
) -> None:
    source = clip(name, sound=sound, **of)
    stream = made(source, tmp_path, KEEP)
    assert (stream.plan.path, stream.plan.sound, stream.sound) == (Way.REMUX, plan, codec)
    assert pictures(stream.file) == pictures(source)
    with av.open(str(stream.file)) as container:
        [track] = container.streams.audio
        assert (track.codec_context.codec.canonical_name, track.codec_context.sample_rate) == codec[:2]
        assert track.codec_context.layout.nb_channels == 2
    assert len(heard(stream.file)) == pytest.approx(RATE, rel=0.08)


def test_it_is_left_out_unless_wanted(tmp_path: Path) -> None:
    stream = made(clip("a.avi", sound=Sounding("pcm_s16le"), **HIGH), tmp_path)
    assert (stream.plan.sound, stream.sound) == (SoundPlan.NONE, None)
    with av.open(str(stream.file)) as container:
        assert not container.streams.audio


@pytest.mark.parametrize(("name", "codec"), [("late.avi", "pcm_s16le"), ("late.mkv", "libopus"), ("late2.mkv", "aac")])
def test_it_stays_in_time_with_the_pictures(tmp_path: Path, name: str, codec: str) -> None:
    source = clip(name, sound=Sounding(codec, late=0.3), **HIGH)
    stream = made(source, tmp_path, KEEP)
    assert onset(stream.file) == pytest.approx(onset(source), abs=0.03)


def test_encoding_it_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    source = clip("a.avi", sound=Sounding("pcm_s16le"), **HIGH)
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert made(source, first, KEEP).file.read_bytes() == made(source, second, KEEP).file.read_bytes()
