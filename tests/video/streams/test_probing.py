"""What a file seems to be before all of it is read, and what is refused at once."""

from pathlib import Path
from typing import Any

import av
import pytest

from apps.video.errors import Code, Refused
from apps.video.streams.facts import EditList, Sound, Wrapping
from apps.video.streams.probing import probe
from tests import movies
from tests.video import clips
from tests.video import matrix as films
from tests.video.clips import Sounding, clip


def wrapping(name: str, **asked: Any) -> Wrapping:
    return probe(clip(name, **{"frames": 12, **asked})).wrapping


def refusal(path: Path) -> Code:
    with pytest.raises(Refused) as refused:
        probe(path)
    assert refused.value.reason.endswith(".")
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.mp4", "mp4"), ("a.mov", "mp4"), ("a.mkv", "matroska"), ("a.ts", "mpegts"), ("a.avi", "avi"),
        ("a.h264", "h264"), ("a.flv", "flv"),
    ],
)  # fmt: skip
def test_the_container_is_known_by_what_is_in_it(name: str, form: str, tmp_path: Path) -> None:
    lying = clips.copied(clip(name, frames=12), tmp_path / "holiday.jpg")
    assert probe(lying).wrapping.format == form


def test_an_mp4_may_have_its_head_first_or_last_or_in_parts() -> None:
    first, last = wrapping("a.mp4"), wrapping("a.mp4", head_first=False)
    parts = wrapping("a.mp4", fragmented=True)
    assert (first.is_head_first, first.is_fragmented, first.brand) == (True, False, "isom")
    assert (last.is_head_first, last.is_fragmented) == (False, False)
    assert parts.is_fragmented
    assert wrapping("a.mov").brand == "qt  "


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_rotation_is_what_shows_it_upright(rotation: int) -> None:
    path = clip("a.mov", frames=12, rotation=rotation)
    found = probe(path).wrapping
    assert (found.rotation, found.is_mirrored) == (rotation, False)
    with av.open(str(path)) as file:  # FFmpeg counts the other way round
        assert -next(file.decode(video=0)).rotation % 360 == rotation


@pytest.mark.parametrize("rotation", [0, 180])
def test_a_mirrored_picture_is_told(rotation: int) -> None:
    assert wrapping("a.mov", rotation=rotation, mirrored=True).is_mirrored


@pytest.mark.parametrize(
    ("cut", "expected"), [(0, EditList.NONE), (15, EditList.AT_KEYFRAME), (20, EditList.MID_GROUP)]
)
def test_an_edit_list_hides_pictures_from_a_key_picture_on_or_not(cut: int, expected: EditList) -> None:
    assert wrapping("a.mp4", frames=40, cut=cut).edit_list is expected


@pytest.mark.parametrize("cut", [0, 20])
def test_reordered_pictures_make_no_edit(cut: int) -> None:
    """The usual edit list only takes back the delay that B-frames need."""
    options = {"bf": "3"} if not cut else {"bf": "0"}
    found = wrapping("a.mp4", frames=40, cut=cut, options=options)
    assert (found.edit_list is EditList.NONE) is (not cut)


def test_what_is_told_besides_is_named_and_never_quoted() -> None:
    found = probe(films.phone())
    assert {"title", "location"} <= set(found.wrapping.metadata)
    assert "Mustermann" not in repr(found)
    assert "47.37" not in repr(found)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.ts", "a.avi"])
def test_nothing_is_told_where_only_the_software_is_named(name: str) -> None:
    assert wrapping(name).metadata == ()


def test_when_it_was_made_is_told_besides() -> None:
    metadata = {"creation_time": "2026-01-02T03:04:05Z"}
    assert "creation_time" in wrapping("a.mp4", metadata=metadata).metadata


@pytest.mark.parametrize("kind", [b"uuid", b"skip", b"GPMF"])
def test_boxes_that_nobody_knows_are_told(kind: bytes, tmp_path: Path) -> None:
    path = clips.copied(clip("a.mp4", frames=12), tmp_path / "a.mp4")
    with path.open("ab") as file:
        file.write((8 + 22).to_bytes(4, "big") + kind + b"Mustermann\0" * 2)
    assert probe(path).wrapping.metadata == (kind.decode(),)


def test_free_space_that_is_empty_tells_nothing(tmp_path: Path) -> None:
    path = clips.copied(clip("a.mp4", frames=12), tmp_path / "a.mp4")
    with path.open("ab") as file:
        file.write((8 + 64).to_bytes(4, "big") + b"free" + bytes(64))
    assert probe(path).wrapping.metadata == ()


def test_sounds_are_told() -> None:
    found = probe(films.phone())
    assert found.sound_stream == 1
    assert found.wrapping.other_streams == 0
    (sound,) = found.sounds
    assert (sound.codec, sound.rate, sound.channels, sound.profile) == ("aac", 44100, 1, "LC")
    assert probe(films.vp9()).sounds == (Sound("opus", 48000, 2, None),)
    assert probe(clip("a.avi", frames=12, sound=Sounding("pcm_s16le"))).sounds[0].codec == "pcm_s16le"


def test_the_pictures_may_be_the_second_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    film, sound = av.open(str(clip("a.mp4", frames=12))), av.open(str(clips.sound_only()))
    with film, sound, av.open(str(path), "w") as file:
        streams = [file.add_stream_from_template(source.streams[0]) for source in (sound, film)]
        for source, stream in zip((sound, film), streams, strict=True):
            for packet in source.demux(source.streams[0]):
                if packet.size:
                    packet.stream = stream
                    file.mux(packet)
    found = probe(path)
    assert (found.stream, found.sound_stream, found.pictures.codec) == (1, 0, "h264")


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case in films.matrix() if case.number == 25], ids=str)
def test_what_is_no_video_is_refused_with_its_reason(case: films.Case) -> None:
    assert refusal(case.make()) is case.refusal


def test_a_dicom_file_is_none_whatever_is_in_it(tmp_path: Path) -> None:
    for name, data in (("h264.dcm", movies.video()), ("mpeg2.mpg", movies.video(movies.stream("mpeg", "mpeg2video")))):
        (tmp_path / name).write_bytes(data)
        assert refusal(tmp_path / name) is Code.NOT_A_VIDEO


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{film}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{film}</BaseURL></MPD>',
    ],
)
def test_a_list_that_names_other_files_is_no_video(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text(text.replace("{film}", str(clip("a.ts", frames=12))))
    assert refusal(path) is Code.NOT_A_VIDEO


def test_a_name_like_an_address_is_a_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "concat:a").mkdir()
    path = clips.copied(clip("a.mp4", frames=12), tmp_path / "concat:a" / "%03d|pipe:.mp4")
    monkeypatch.chdir(tmp_path)
    assert probe(path.relative_to(tmp_path)).wrapping.format == "mp4"


def test_a_file_whose_table_is_missing_is_damaged(tmp_path: Path) -> None:
    path = clips.copied(clip("a.mp4", frames=12, head_first=False), tmp_path / "a.mp4", share=0.6)
    assert refusal(path) is Code.DAMAGED


def test_encrypted_samples_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clip("a.mp4", frames=12).read_bytes().replace(b"avc1\0\0\0\0", b"encv\0\0\0\0"))
    assert refusal(path) is Code.ENCRYPTED


def test_a_scrambled_transport_stream_is_refused(tmp_path: Path) -> None:
    data = bytearray(clip("a.ts", frames=30).read_bytes())
    for at in range(188 * 30, len(data), 188):
        if data[at + 1] & 0x1F == 1:  # of the pictures' packets
            data[at + 3] |= 0x80
    path = tmp_path / "a.ts"
    path.write_bytes(bytes(data))
    assert refusal(path) is Code.ENCRYPTED


def test_a_head_without_pictures_is_damaged(tmp_path: Path) -> None:
    whole = clip("a.mp4", frames=12).read_bytes()
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[: whole.index(b"mdat") + 4])
    assert refusal(path) is Code.DAMAGED
