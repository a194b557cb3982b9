"""The readers of what strangers send, each with good inputs to start from."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from django.http import HttpRequest
from pydicom.data import get_charset_files, get_testdata_file

from apps.archive import attributes as index
from apps.core import multipart
from apps.core.errors import FoveaError
from apps.core.http import body_stream
from apps.dicom.building import file_pieces
from apps.dicom.errors import Unreadable
from apps.dicom.frames import index_frames
from apps.dicom.json_reading import data_set_spans, load_data_set
from apps.dicom.limits import Limits
from apps.dicom.reader import read
from apps.dicom.sr_html import report_page
from apps.dicom.sr_text import report_text
from apps.dicom.sr_tree import is_report
from apps.dicom.xml_model import native_model
from apps.dicom.xml_reading import read_native_model
from apps.measurements.content import concepts
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.content.reading import report_of
from apps.measurements.writing.sr import Evidence, Observer, ReportSeries, report_object
from apps.uploads import dicomdir, zips
from apps.uploads.entries import Broken, Place
from apps.uploads.sources import Budget, Source
from tests import dicoms, documents
from tests.fuzz.campaign import Target
from tests.uploads import media

LIMITS: Final = Limits(header_bytes=1 << 20, elements=20_000, values=50_000, inflated_bytes=1 << 20, frames=1_000)
BOUNDARY: Final = "b0undary"
MOST_OF_A_BODY: Final = 8 << 20
# Small files of pydicom's own: character sets, undefined lengths, private elements, other transfer syntaxes.
BUNDLED: Final = ("UN_sequence.dcm", "nested_priv_SQ.dcm", "image_dfl.dcm", "rtplan.dcm", "test-SR.dcm", "rtstruct.dcm")
LENGTHS: Final = tuple(bytes.fromhex(word) for word in ("ffffffff", "feff00e0", "feff0de0", "feffdde0", "53510000"))
JSON_TOKENS: Final = (
    *(b'{"vr":"SQ","Value":[', b'"InlineBinary":', b"[[[[[[[[", b'"\\ud800"', b'"BulkDataURI":"x"'),
    *(b"1e999", b"-0", b"null", b"NaN", b"\\", b"18446744073709551616"),
)
XML_TOKENS: Final = (
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b'<Item number="1">', b"<![CDATA[", b"<!--", b"</Item>"),
    *(b"&#0;", b'number="99999999"', b'<DicomAttribute tag="00081140" vr="SQ">', b'encoding="UTF-16"'),
)
MULTIPART_TOKENS: Final = (
    *(b"\r\n--b0undary", b"--b0undary--", b"\r\n\r\n", b"Content-Type:", b"\n", b"\r", b"--", b" \t"),
)
ZIP_TOKENS: Final = (b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02", b"PK\x03\x04", b"../", b"\xff" * 8)


@cache
def objects() -> list[bytes]:
    """Part 10 files of many kinds."""
    built = [dicoms.ct_slice(Rows=8, Columns=8, transfer_syntax=syntax) for syntax in dicoms.NATIVE_SYNTAXES]
    built += [dicoms.bare(dicoms.ct_dataset(Rows=8, Columns=8)), dicoms.multi_frame(), dicoms.encapsulated_pdf()]
    built += [dicoms.encapsulated([dicoms.jpeg_like(40)] * 3, offset_table=kind) for kind in ("basic", "extended")]
    built += [documents.report(documents.number("Length", "12", "mm"), documents.image(dicoms.uid(1, 1, 1), frame=2))]
    built += [_measurements()]
    bundled = [str(get_testdata_file(name)) for name in BUNDLED] + [str(name) for name in get_charset_files("*.dcm")]
    return built + [Path(name).read_bytes() for name in bundled]


def _measurements() -> bytes:
    """A line, in the layout that viewers write."""
    line = Coordinates("POLYLINE", ((1.0, 2.0), (4.0, 6.0)), dicoms.CTImageStorage, dicoms.uid(1, 1, 1))
    length = Value(concepts.LENGTH, 5.0, concepts.MILLIMETRE, coordinates=(line,))
    return report_object(
        read(dicoms.ct_slice()).attributes,
        [Group(dicoms.uid(5), tool="Length", label="Line", values=(length,))],
        series=ReportSeries(dicoms.uid(8), dicoms.uid(8, 1), "Measurements"),
        evidence=[Evidence(dicoms.STUDY_UID, dicoms.SERIES_UID, dicoms.CTImageStorage, dicoms.uid(1, 1, 1))],
        observer=Observer("Ray^Xavier"),
    )


def headers() -> Iterator[dict[str, Any]]:
    for data in objects():
        header = read(data)
        header.resolve_bulk("http://localhost/dicom-web/bulk")
        yield header.attributes


def read_object(data: bytes) -> None:
    """Read it, index its frames, and show its header in every form that the server gives."""
    header = read(data, LIMITS)
    frames = index_frames(data, header, LIMITS)
    body = header.inflated or data
    for number in range(1, min(frames.count, 3) + 1):
        frames.extract(lambda offset, length: body[offset : offset + length], number)
    header.resolve_bulk("base")
    attributes = header.attributes
    orjson.dumps(attributes)
    native_model(attributes)
    for answer in (index.study_answer, index.instance_answer, index.study_columns, index.patient_columns):
        answer(attributes)
    if is_report(header.text("00080016")):
        report_page(attributes, lambda _: "/somewhere")
        report_text(attributes)
        report_of(attributes)


def build_file(attributes: dict[str, Any]) -> None:
    pieces = file_pieces(attributes, lambda _: (), implementation_class_uid="1.2", implementation_version_name="X")
    data = b"".join(pieces)
    read(data, LIMITS)


def read_json(data: bytes) -> None:
    for span in data_set_spans(data)[:20]:
        build_file(load_data_set(data, span))


def read_xml(data: bytes) -> None:
    build_file(read_native_model([data[:100], data[100:]], LIMITS))


def read_multipart(data: bytes) -> None:
    limits = multipart.Limits(part_bytes=1 << 20, parts=1000)
    chunks = (data[start : start + 97] for start in range(0, len(data), 97))
    for part in multipart.parts(chunks, BOUNDARY, limits):
        multipart.content_type(part.headers.get("content-type", ""))
        for _ in part.chunks:
            pass


def read_gzip(data: bytes) -> None:
    request = HttpRequest()
    request.META = {
        "wsgi.input": io.BytesIO(data),
        "CONTENT_LENGTH": str(len(data)),
        "HTTP_CONTENT_ENCODING": "gzip",
    }
    for _ in body_stream(request, limit=MOST_OF_A_BODY):
        pass


def read_zip(data: bytes) -> None:
    budget = Budget(len(data))
    source = Source(io.BytesIO(data), budget)
    for member in zips.members(source, data[:132], Place("fuzz.zip", b"fuzz", len(data), 0, len(data)), budget):
        if isinstance(member, zips.Member):
            member.source.read(132)
            for _ in member.source.pieces(b""):
                pass


def multipart_bodies() -> list[bytes]:
    part = b"--b0undary\r\nContent-Type: application/dicom\r\nContent-Location: x\r\n\r\n"
    end = b"\r\n--b0undary--\r\n"
    return [part + b"one" + end, b"preamble\r\n" + (part + b"two\r\n") * 3 + end, part.replace(b"\r", b"") + end]


TARGETS: Final = [
    Target("object", read_object, objects(), (Unreadable,), LENGTHS),
    Target("json", read_json, [orjson.dumps([header]) for header in headers()], (Unreadable,), JSON_TOKENS),
    Target("xml", read_xml, [native_model(header) for header in headers()], (Unreadable,), XML_TOKENS),
    Target("multipart", read_multipart, multipart_bodies(), (FoveaError,), MULTIPART_TOKENS),
    Target("gzip", read_gzip, [gzip.compress(data) for data in objects()[:3]], (FoveaError,)),
    Target(
        "zip",
        read_zip,
        [media.zipped({"a/b": b"x" * 999, "c": b""}, kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)],
        (Broken,),
        ZIP_TOKENS,
    ),
    Target("dicomdir", dicomdir.referenced_files, [media.dicomdir("A/B", "C", inactive="D")], (Unreadable,), LENGTHS),
]
