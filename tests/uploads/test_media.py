"""Walking through files, folders, archives and media: what is found, passed over, broken and missing."""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from apps.uploads import media, sources, zips
from apps.uploads.entries import Broken, Candidate, Entry, Kind, Missing, Other, Passed, Problem
from apps.uploads.sniff import Content, content_of
from tests import dicoms
from tests.uploads.media import dicomdir, write, zipped

SLICE = dicoms.ct_slice()
BIG_ENDIAN = dicoms.ct_slice(transfer_syntax=ExplicitVRBigEndian)


def found(*paths: Path) -> list[bytes]:
    return [b"".join(entry.chunks) for entry in media.walk(paths) if isinstance(entry, Candidate)]


def entries(*paths: Path) -> list[Entry]:
    return list(media.walk(paths))


def problems(*paths: Path) -> list[str]:
    return [entry.reason for entry in media.walk(paths) if isinstance(entry, Problem)]


def missing(found: Iterable[Entry]) -> list[str]:
    return [entry.label.rpartition(": ")[2] for entry in found if isinstance(entry, Missing)]


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    one, two, three = dicoms.ct_series(3)
    write(tmp_path, {"b/2": two, "b/deep/3.dcm": three, "a.ima": one})
    assert found(tmp_path) == [one, two, three]


def test_a_file_is_told_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"1.dcm": b"a text", "2": b"", "3.txt": SLICE, "4.jpg": b"\xff\xd8\xff\xe0" * 100})
    others = [b"".join(entry.chunks) for entry in media.walk([tmp_path]) if isinstance(entry, Other)]
    assert (found(tmp_path), others) == ([SLICE], [b"a text", b"", b"\xff\xd8\xff\xe0" * 100])


def test_what_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == ["There is no such file or folder."]


@pytest.mark.parametrize(
    "content",
    [
        SLICE,
        SLICE[128:],
        SLICE[132:],
        dicoms.bare(dicoms.ct_dataset()),
        dicoms.bare(dicoms.ct_dataset(), ExplicitVRLittleEndian),
        BIG_ENDIAN[BIG_ENDIAN.index(b"\x00\x08\x00\x05") :],
    ],
    ids=["file", "no preamble", "no prefix", "implicit", "explicit", "big endian"],
)
def test_objects_are_known_with_and_without_a_file_head(content: bytes) -> None:
    assert content_of(content) is Content.OBJECT


@given(st.binary(max_size=300))
def test_any_bytes_have_some_content(head: bytes) -> None:
    assert content_of(head) in Content


def test_links_lead_to_files_of_the_same_folder_only(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"real": SLICE})
    write(tmp_path / "out", {"secret": dicoms.ct_slice(InstanceNumber=2)})
    (folder / "inner").symlink_to("real")
    (folder / "outer").symlink_to(tmp_path / "out" / "secret")
    (folder / "folder").symlink_to(tmp_path / "out")
    (folder / "loop").symlink_to(folder)
    assert found(folder) == [SLICE, SLICE]
    assert [entry.kind for entry in entries(folder) if isinstance(entry, Passed)] == [Kind.LINK]


def test_a_pipe_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert entries(tmp_path) == []


def test_zips_are_walked_in_place_and_zips_in_them(tmp_path: Path) -> None:
    one, two, three = dicoms.ct_series(3)
    inner = zipped({"c/3": three, "readme.txt": b"hello"})
    write(tmp_path, {"all.zip": zipped({"1.dcm": one, "dir/2": two, "in.zip": inner, "empty/": b""})})
    assert found(tmp_path) == [one, two, three]
    assert not (tmp_path / "dir").exists()


def test_a_member_that_is_named_like_a_path_elsewhere_is_read_and_goes_nowhere(tmp_path: Path) -> None:
    write(tmp_path / "in", {"all.zip": zipped({"../../escape.dcm": SLICE, "/etc/absolute.dcm": SLICE})})
    assert found(tmp_path / "in") == [SLICE, SLICE]
    assert not (tmp_path / "escape.dcm").exists()


def test_zips_in_zips_end_somewhere(tmp_path: Path) -> None:
    content = SLICE
    for _ in range(media.MAX_ZIP_DEPTH + 1):
        content = zipped({"in.zip": content})
    write(tmp_path, {"all.zip": content})
    assert (found(tmp_path), len(problems(tmp_path))) == ([], 1)


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "FREE_UNPACKED", 1 << 20)
    bomb = SLICE + bytes(40 << 20)
    write(tmp_path, {"bomb.zip": zipped({"bomb": bomb})})
    with pytest.raises(Broken, match="bomb"):
        found(tmp_path)


def test_a_bomb_within_an_archive_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "FREE_UNPACKED", 1 << 20)
    inner = zipped({"bomb": bytes(40 << 20)}, zipfile.ZIP_STORED)
    write(tmp_path, {"bomb.zip": zipped({"inner.zip": inner})})
    assert ["bomb" in reason for reason in problems(tmp_path)] == [True]


def test_a_directory_of_too_many_members_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_DIRECTORY_BYTES", 100)
    write(tmp_path, {"all.zip": zipped({f"{number}": b"x" for number in range(5)})})
    assert problems(tmp_path) == [zips.TOO_MANY]


def test_damaged_members_are_problems_and_the_others_are_read(tmp_path: Path) -> None:
    one, two = dicoms.ct_series(2)
    archive = bytearray(zipped({"1": one, "2": two}, zipfile.ZIP_STORED))
    archive[archive.find(b"PK\x03\x04", 4)] = 0
    write(tmp_path, {"all.zip": bytes(archive)})
    assert (found(tmp_path), len(problems(tmp_path))) == ([one], 1)


def test_a_wrong_checksum_breaks_the_object(tmp_path: Path) -> None:
    archive = bytearray(zipped({"1": SLICE}, zipfile.ZIP_STORED))
    archive[len(SLICE) // 2] ^= 1
    write(tmp_path, {"all.zip": bytes(archive)})
    with pytest.raises(Broken, match="damaged"):
        found(tmp_path)


def test_an_archive_cut_off_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"all.zip": zipped({"1": SLICE})[:-30]})
    assert len(problems(tmp_path)) == 1


def test_other_methods_and_encryption_are_told(tmp_path: Path) -> None:
    encrypted = bytearray(zipped({"1": SLICE}))
    encrypted[6] |= 1
    encrypted[encrypted.rfind(b"PK\x01\x02") + 8] |= 1
    write(tmp_path, {"lzma.zip": zipped({"1": SLICE}, zipfile.ZIP_LZMA), "secret.zip": bytes(encrypted)})
    reasons = problems(tmp_path)
    assert ("method" in reasons[0], "encrypted" in reasons[1]) == (True, True)


@given(cut=st.tuples(st.integers(0, 400), st.integers(0, 400)), inserted=st.binary(max_size=8))
def test_any_archive_is_walked_to_its_end(
    tmp_path_factory: pytest.TempPathFactory, cut: tuple[int, int], inserted: bytes
) -> None:
    archive = zipped({"1": b"x" * 50, "d/2": zipped({"3": b"y"}), "4": dicomdir("A/B")[:300]})
    mutated = archive[: min(cut)] + inserted + archive[max(cut) :]
    folder = write(tmp_path_factory.mktemp("any"), {"any.zip": mutated})
    assert all(isinstance(entry, Candidate | Other | Passed | Problem | Missing) for entry in media.walk([folder]))


def test_a_medium_tells_what_is_missing(tmp_path: Path) -> None:
    directory = dicomdir("IMAGES/A", "IMAGES/B", "IMAGES/C", inactive="IMAGES/OLD")
    write(tmp_path, {"DICOMDIR": directory, "images/a": SLICE, "images/c.;1": SLICE})
    assert missing(entries(tmp_path)) == ["IMAGES/B"]
    assert found(tmp_path) == [SLICE, SLICE]


def test_the_dicomdir_alone_stands_for_its_medium(tmp_path: Path) -> None:
    write(tmp_path, {"DICOMDIR": dicomdir("A"), "A": SLICE})
    assert found(tmp_path / "DICOMDIR") == [SLICE]


def test_a_medium_in_a_zip_tells_what_is_missing(tmp_path: Path) -> None:
    files = {"cd/DICOMDIR": dicomdir("IMG/A", "IMG/B"), "cd/IMG/A": SLICE}
    write(tmp_path, {"cd.zip": zipped(files)})
    assert missing(entries(tmp_path)) == ["IMG/B"]


@pytest.mark.parametrize("file_id", ["../secret", "/etc/passwd", "A/../../secret"])
def test_a_dicomdir_never_leads_out_of_its_medium(tmp_path: Path, file_id: str) -> None:
    write(tmp_path, {"in/DICOMDIR": dicomdir(file_id), "secret": SLICE, "in/A/x": b""})
    assert len(missing(entries(tmp_path / "in"))) == 1


def test_a_broken_dicomdir_is_a_problem_and_the_medium_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"DICOMDIR": dicomdir("A")[:-20], "A": SLICE})
    assert (found(tmp_path), len(problems(tmp_path))) == ([SLICE], 1)


def test_weights_add_up_to_what_is_on_disk(tmp_path: Path) -> None:
    write(tmp_path, {"1": SLICE, "2": b"text"})
    weights = [entry.place.weight for entry in entries(tmp_path) if isinstance(entry, Candidate | Other | Passed)]
    assert sum(weights) == media.size_on_disk([tmp_path])
