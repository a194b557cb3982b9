"""Studies as zip archives: every reader opens them, nothing is read twice into memory, and only who may see them."""

import io
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Practice
from apps.archive import retrieve
from apps.dicomweb.zip_archive import Entry, archive, archive_size
from tests import dicoms
from tests.dicomweb.archive import body, keep, place

ZIP = {"accept": "application/zip"}


def entry(name: str, data: bytes) -> Entry:
    return Entry(name, len(data), lambda: iter([data[:3], data[3:]]))


@given(st.dictionaries(st.text("abcXYZ019-./", min_size=1, max_size=30), st.binary(max_size=300), max_size=20))
def test_what_is_packed_is_unpacked(files: dict[str, bytes]) -> None:
    entries = [entry(name, data) for name, data in files.items()]
    data = b"".join(archive(entries))
    assert archive_size(entries) == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert {info.filename: opened.read(info) for info in opened.infolist()} == files


def test_many_files_are_counted_in_zip64() -> None:
    entries = [entry(f"{number:05}", b"") for number in range(70_000)]
    data = b"".join(archive(entries))
    assert archive_size(entries) == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert len(opened.infolist()) == 70_000


class Sparse(io.RawIOBase):
    """A file of which the long runs of zeros are not kept."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.kept: list[tuple[int, bytes]] = []
        self.size = self.at = 0
        for piece in pieces:
            if any(piece[:64]):
                self.kept.append((self.size, piece))
            self.size += len(piece)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int | None = -1) -> bytes:
        end = self.size if size is None or size < 0 else min(self.size, self.at + size)
        data = bytearray(end - self.at)
        for start, piece in self.kept:
            for at in range(max(start, self.at), min(start + len(piece), end)):
                data[at - self.at] = piece[at - start]
        self.at = end
        return bytes(data)


def test_sizes_beyond_four_gigabytes_are_told_in_zip64() -> None:
    """APPNOTE 4.5.3. Only the headers are read back: the zeros between them are never made."""
    zeros = bytes(1 << 26)
    large = Entry("large", 5 << 30, lambda: (zeros for _ in range(80)))
    entries = [large, entry("after", b"the end")]
    read = Sparse(archive(entries))
    assert archive_size(entries) == read.size
    with zipfile.ZipFile(read) as opened:
        assert [info.file_size for info in opened.infolist()] == [5 << 30, 7]
        assert opened.read("after") == b"the end"
    head = read.kept[0][1]
    assert struct.unpack("<QQ", head[-16:]) == (5 << 30, 5 << 30)


@pytest.fixture
def slices(practice: Practice) -> list[bytes]:
    slices = [
        *dicoms.ct_series(3),
        dicoms.secondary_capture(SeriesNumber="2", Modality="SC", SeriesDescription="../Ünfit: <name> x"),
    ]
    keep(practice, *slices)
    return slices


def opened(client: Client, address: str) -> dict[str, bytes]:
    response = client.get(address, headers=ZIP)
    data = body(response)
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    assert int(response["Content-Length"]) == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.mark.django_db
def test_a_study_has_a_folder_for_each_series(client: Client, slices: list[bytes]) -> None:
    found = opened(client, place(slices[0]).partition("/series/")[0])
    assert list(found.values()) == slices
    assert list(found) == [
        *(f"001-CT-Axial-2.0/{number:05}.dcm" for number in (1, 2, 3)),
        "002-SC-nfit-name-x/00001.dcm",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("levels", "count"), [(1, 4), (2, 3), (3, 1)])
def test_each_level_comes_as_an_archive(client: Client, slices: list[bytes], levels: int, count: int) -> None:
    address = "/".join(place(slices[0]).split("/")[: 2 + 2 * levels])
    assert len(opened(client, address)) == count
    assert len(opened(client, f"{address}?accept=application/zip")) == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "multipart/related"),
        ("multipart/related, application/zip;q=0.5", "multipart/related"),
        ("application/zip, */*;q=0.1", "application/zip"),
    ],
)
def test_only_who_names_it_gets_an_archive(client: Client, slices: list[bytes], accept: str, given: str) -> None:
    response = client.get(place(slices[0]).partition("/series/")[0], headers={"accept": accept})
    assert response["Content-Type"].startswith(given)


@pytest.mark.django_db
def test_an_archive_is_for_the_practice_alone(stranger_client: Client, anonymous: Client, slices: list[bytes]) -> None:
    for address in (place(slices[0]), place(slices[0]).partition("/series/")[0]):
        assert stranger_client.get(address, headers=ZIP).status_code == 404
        assert anonymous.get(address, headers=ZIP).status_code == 401


@pytest.mark.django_db
def test_head_and_validators_read_no_file(client: Client, slices: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    study = place(slices[0]).partition("/series/")[0]
    first = client.get(study, headers=ZIP)
    size = len(body(first))
    monkeypatch.setattr(retrieve, "iter_file", partial(pytest.fail, "a file was read"))
    said = client.head(study, headers=ZIP)
    assert (body(said), int(said["Content-Length"]), said["ETag"]) == (b"", size, first["ETag"])
    assert client.get(study, headers={**ZIP, "if-none-match": first["ETag"]}).status_code == 304


@pytest.mark.django_db
def test_the_archive_changes_with_the_study(client: Client, practice: Practice, slices: list[bytes]) -> None:
    study = place(slices[0]).partition("/series/")[0]
    before = client.head(study, headers=ZIP)["ETag"]
    keep(practice, dicoms.ct_slice(InstanceNumber=9))
    assert client.head(study, headers=ZIP)["ETag"] != before


@pytest.mark.django_db
def test_unzip_opens_it(client: Client, slices: list[bytes], tmp_path: Path) -> None:
    file = tmp_path / "study.zip"
    file.write_bytes(body(client.get(place(slices[0]).partition("/series/")[0], headers=ZIP)))
    said = subprocess.run(["unzip", "-t", str(file)], capture_output=True, text=True, check=True)
    assert "No errors detected" in said.stdout
