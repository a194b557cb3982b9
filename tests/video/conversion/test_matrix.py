"""The 25 kinds of files that come in, and what becomes of each: the whole way, from the file to the object."""

import shutil
import subprocess
from pathlib import Path

import pytest

from apps.video.conversion.plan import Path as Way
from apps.video.errors import Refused
from apps.video.streams import boxes, damage
from apps.video.streams.facts import Chroma
from apps.video.streams.probing import probe
from tests.video.clips import decoded
from tests.video.conversion.stored import Object, digest_of, made_of, milliseconds
from tests.video.matrix import Case, matrix

CASES = matrix()
KEPT = [case for case in CASES if case.refusal is None]
# H.264's profile and highest level, HEVC's, MPEG-2's codes of Main, and of High and main level.
HEADS = {
    "102": ("h264", 100, 41),
    "104": ("h264", 100, 42),
    "107": ("hevc", 1, 153),
    "108": ("hevc", 2, 153),
    "100": ("mpeg2video", 4, 8),
    "101": ("mpeg2video", 4, 8),
}


def test_all_cases_are_here() -> None:
    assert {case.number for case in CASES} == set(range(1, 26))


@pytest.mark.parametrize("case", [case for case in CASES if case.refusal], ids=str)
def test_what_is_no_video_is_refused_and_nothing_is_left(case: Case, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        made_of(case.make(), tmp_path, case.policy)
    assert refused.value.code is case.refusal
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", KEPT, ids=str)
def test_becomes_what_it_should(case: Case, tmp_path: Path) -> None:
    source = case.make()
    made = made_of(source, tmp_path, case.policy)
    assert made.outcome.stream.plan.path is case.way
    _check_attributes(made, case)
    _check_fragments(made, case)
    _check_pictures(made, case, source)
    if made.stream:
        _check_stream(made.stream, case)
    if shutil.which("dcmdump"):
        dumped = subprocess.run(["dcmdump", "-q", made.outcome.target], capture_output=True, check=False, timeout=30)
        assert dumped.returncode == 0, dumped.stderr


def _check_attributes(made: Object, case: Case) -> None:
    """PS3.5 8.2.1 and 8.2.5 to 8.2.11."""
    dataset = made.dataset
    assert dataset.file_meta.TransferSyntaxUID == case.transfer_syntax_uid
    assert (dataset.Columns, dataset.Rows) == case.size
    bits = (16, 10, 9) if case.syntax == "108" else (8, 8, 7)
    assert (dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit) == bits
    colour = "YBR_FULL_422" if case.syntax == "50" else "YBR_PARTIAL_420"
    assert (dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration) == (3, colour, 0)
    assert "PixelAspectRatio" not in dataset
    assert milliseconds(dataset) == pytest.approx(float(1000 / case.rate), rel=0.001)
    assert dataset.LossyImageCompression == "01"
    kind = "DERIVED" if case.way is Way.TRANSCODE else "ORIGINAL"
    assert dataset.ImageType[0] == kind


def _check_fragments(made: Object, case: Case) -> None:
    assert all(len(fragment) % 2 == 0 for fragment in made.fragments)
    size = made.outcome.stream.size
    if case.syntax == "50":
        assert len(made.fragments) == made.dataset.NumberOfFrames
        return
    assert made.dataset.EncapsulatedPixelDataValueTotalLength == size
    assert len(made.fragments) == 1
    assert made.fragments[0][size:] in (b"", b"\0")


def _check_pictures(made: Object, case: Case, source: Path) -> None:
    """As many are decoded as the object says; the same ones as the file's, where they were to stay."""
    count, digest = digest_of(made)
    assert made.dataset.NumberOfFrames == count == made.outcome.verification.frames
    assert case.frames in (0, count)
    if case.way is not Way.TRANSCODE:
        assert damage.strict(source, probe(source)).digest == digest
    if case.way is Way.PASSTHROUGH and made.stream:
        assert made.stream.read_bytes() == source.read_bytes()
    if case.is_recovered:
        assert count == decoded(source)
        assert made.outcome.stream.lost_frames > 0


def _check_stream(stream: Path, case: Case) -> None:
    """What the stream's own head says, and that nothing but pictures is there (no sound is asked for)."""
    found = probe(stream)
    codec, profile, level = HEADS[case.syntax]
    assert (found.pictures.codec, found.pictures.profile) == (codec, profile)
    assert found.pictures.level <= level
    assert (found.pictures.columns, found.pictures.rows) == case.size
    if case.syntax != "100":
        assert found.pictures.sample_aspect == 1
    assert (found.pictures.chroma, found.pictures.bits) == (Chroma.HALF, 10 if case.syntax == "108" else 8)
    assert (found.sounds, found.wrapping.metadata, found.wrapping.other_streams) == ((), (), 0)
    if stream.suffix == ".mp4":
        assert boxes.movie(stream).is_head_first
