"""STOW-RS over real connections: chunked bodies, clients that hang up, bodies of any size, a client library."""

import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from http.client import HTTPException

import orjson
import pytest
from dicomweb_client import DICOMwebClient
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.uid import DeflatedExplicitVRLittleEndian

from apps.dicom.reader import read
from tests import dicoms
from tests.live import AUTHORIZATION, BOUNDARY, MULTIPART, PATIENCE, STUDIES, Server, Site, multipart, wait_until
from tests.staged import staged_files

MIB = 1 << 20
METADATA = MULTIPART.replace("application/dicom", "application/dicom+json")


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
    assert (is_stored(server, 3), staged_files(site.data)) == (False, [])


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


def bulk_data_of(number: int, size: int) -> Iterator[bytes]:
    """Metadata of one multi-frame object in JSON, and `size` MiB of pixels, made as they are sent (8.6.1.2.2)."""
    small = dicoms.multi_frame(size, Rows=1024, Columns=1024, PixelData=None, **study_of(number))
    metadata = read(small).attributes | {"7FE00010": {"vr": "OB", "BulkDataURI": "pixels"}}
    yield f"--{BOUNDARY}\r\nContent-Type: application/dicom+json\r\n\r\n".encode() + orjson.dumps([metadata])
    yield f"\r\n--{BOUNDARY}\r\nContent-Location: pixels\r\n\r\n".encode()
    piece = bytes(range(256)) * (MIB // 256)
    yield from (piece for _ in range(size))
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def test_memory_stays_flat_for_big_bulk_data(server: Server) -> None:
    server.store(bulk_data_of(20, 1), METADATA)
    before = server.memory_peak()
    assert server.store(bulk_data_of(21, 200), METADATA).status == 200
    assert server.memory_peak() - before < 60 * MIB


def deflate_bomb() -> bytes:
    """Zeros that inflate to 300 MiB as one value of a data set (PS3.5 A.5)."""
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    head = struct.pack("<HH2sHI", 0x0042, 0x0011, b"OB", 0, 300 * MIB)
    data = deflater.compress(head) + b"".join(deflater.compress(bytes(MIB)) for _ in range(300)) + deflater.flush()
    start = dicoms.ct_slice(transfer_syntax=DeflatedExplicitVRLittleEndian)
    return start[: read(start).dataset_offset] + data


def many_numbers() -> bytes:
    """A header of 30 MiB in which each two bytes are a number."""
    value = struct.pack("<HHI", 0x3006, 0x0050, MIB - 2) + b"1\\" * (MIB // 2 - 1)
    items = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value for _ in range(30))
    return dicoms.bare(dicoms.ct_dataset(PixelData=None)) + struct.pack("<HHI", 0x3006, 0x0039, len(items)) + items


@pytest.mark.parametrize("hostile", [deflate_bomb, many_numbers])
def test_memory_stays_flat_for_hostile_objects(server: Server, hostile: Callable[[], bytes]) -> None:
    server.store(multipart(dicoms.ct_slice(**study_of(30))))
    before = server.memory_peak()
    assert server.store(multipart(hostile())).status in (200, 202, 409)
    assert server.memory_peak() - before < 150 * MIB


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(server: Server) -> None:
    """RFC 9110 10.1.1."""
    body = multipart(dicoms.ct_slice(**study_of(22)))
    head = f"POST {STUDIES} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTHORIZATION}\r\n"
    head += f"Content-Type: {MULTIPART}\r\nContent-Length: {len(body)}\r\n"
    head += "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert is_stored(server, 22)


def test_a_client_that_hangs_up_amid_its_bulk_data_leaves_nothing(server: Server, site: Site) -> None:
    """PS3.18 10.5."""
    body = b"".join(bulk_data_of(23, 2))
    answered = len(site.answered())
    server.hang_up_after(f"Content-Type: {METADATA}\r\nContent-Length: {len(body)}", body[: len(body) - MIB])
    wait_until(lambda: len(site.answered()) > answered)
    assert (is_stored(server, 23), staged_files(site.data)) == (False, [])


def test_a_server_that_is_killed_amid_bulk_data_leaves_nothing(site: Site) -> None:
    with site.serving() as server:

        def body() -> Iterator[bytes]:
            pieces = bulk_data_of(24, 8)
            for _ in range(6):
                yield next(pieces)
            server.kill()
            yield from pieces

        with pytest.raises((OSError, HTTPException)):
            server.store(body(), METADATA)
    site.run("shell", "--no-imports", "-c", "from apps.archive.storage import sweep; sweep()")
    with site.serving() as server:
        assert not is_stored(server, 24)
        assert not staged_files(site.data)


def test_a_client_library_stores(server: Server) -> None:
    client = DICOMwebClient(f"http://127.0.0.1:{server.port}/dicom-web", headers={"Authorization": AUTHORIZATION})
    answer = client.store_instances([dcmread(DicomBytesIO(dicoms.ct_slice(**study_of(6))))])
    assert answer.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == dicoms.uid(7, 6, 1)
    assert is_stored(server, 6)
