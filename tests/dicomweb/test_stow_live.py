"""STOW-RS over real connections: chunked bodies, clients that hang up, bodies of any size, a client library."""

import struct
from collections.abc import Callable, Iterator

import pytest
from dicomweb_client import DICOMwebClient
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

from tests import dicoms
from tests.live import AUTHORIZATION, BOUNDARY, MULTIPART, STUDIES, Server, Site, multipart, wait_until

MIB = 1 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("live")) as site:
        yield site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with site.serving() as server:
        yield server


def study_of(number: int) -> dict[str, str]:
    """Overrides that make an object of a study of its own."""
    return {"StudyInstanceUID": dicoms.uid(7, number), "SOPInstanceUID": dicoms.uid(7, number, 1)}


def is_stored(server: Server, number: int) -> bool:
    return server.request("GET", f"{STUDIES}/{dicoms.uid(7, number)}/metadata").status == 200


def test_a_chunked_body_is_stored(server: Server) -> None:
    body = multipart(dicoms.ct_slice(**study_of(1)))
    answer = server.store(body[start : start + 777] for start in range(0, len(body), 777))
    assert (answer.status, is_stored(server, 1)) == (200, True)


def test_a_chunked_object_alone_is_stored(server: Server) -> None:
    answer = server.store(iter([dicoms.ct_slice(**study_of(2))]), "application/dicom")
    assert (answer.status, is_stored(server, 2)) == (200, True)


def with_length(body: bytes) -> tuple[str, bytes]:
    return f"Content-Length: {len(body)}", body[:-2000]


def in_chunks(body: bytes) -> tuple[str, bytes]:
    return "Transfer-Encoding: chunked", b"%x\r\n%b" % (len(body), body[:-2000])


@pytest.mark.parametrize("framed", [with_length, in_chunks])
@pytest.mark.parametrize("is_alone", [False, True], ids=["multipart", "alone"])
def test_a_client_that_hangs_up_leaves_nothing(
    server: Server, site: Site, framed: Callable[[bytes], tuple[str, bytes]], *, is_alone: bool
) -> None:
    image = dicoms.ct_slice(Rows=512, Columns=512, **study_of(3))
    framing, start = framed(image if is_alone else multipart(image))
    content_type = "application/dicom" if is_alone else MULTIPART
    answered = len(site.answered())
    server.hang_up_after(f"Content-Type: {content_type}\r\n{framing}", start)
    wait_until(lambda: len(site.answered()) > answered)
    left = [file.name for file in (site.data / "incoming").rglob("*") if file.is_file()]
    assert (is_stored(server, 3), left) == (False, ["lock"])


def big_object(number: int, size: int) -> Iterator[bytes]:
    """One multi-frame object of `size` MiB of pixels, in a multipart body, made as it is sent."""
    small = dicoms.multi_frame(size, Rows=1024, Columns=1024, PixelData=bytes(2), **study_of(number))
    yield multipart(small[:-6] + struct.pack("<I", size * MIB)).removesuffix(f"\r\n--{BOUNDARY}--\r\n".encode())
    piece = bytes(range(256)) * (MIB // 256)
    yield from (piece for _ in range(size))
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def test_memory_stays_flat_for_a_big_body(server: Server) -> None:
    server.store(big_object(4, 1))
    before = server.memory_peak()
    assert server.store(big_object(5, 300)).status == 200
    assert server.memory_peak() - before < 60 * MIB


def test_a_client_library_stores(server: Server) -> None:
    client = DICOMwebClient(f"http://127.0.0.1:{server.port}/dicom-web", headers={"Authorization": AUTHORIZATION})
    answer = client.store_instances([dcmread(DicomBytesIO(dicoms.ct_slice(**study_of(6))))])
    assert answer.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == dicoms.uid(7, 6, 1)
    assert is_stored(server, 6)
