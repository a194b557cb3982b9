"""The header of an object that has been found already, for those who draw it or write it out."""

from base64 import b64encode
from collections.abc import Iterable, MutableMapping
from typing import Any

import orjson
from django.db import connection
from isal import isal_zlib

from apps.archive import retrieve
from apps.archive.corrected import corrected
from apps.archive.retrieve import Reader, StoredInstance
from apps.core.errors import NotFound
from apps.dicom.frames import FrameIndex
from apps.dicom.lut import bulk_elements
from apps.saying import say


def described(stored: StoredInstance) -> tuple[dict[str, Any], bytes]:
    """The object's header in DICOM JSON as it leaves, and its packed frame index. Raises NotFound where it is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT header, frame_index FROM archive_instance WHERE id = %s", [stored.pk])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(say("There is no such study, series or instance."))
    return corrected(orjson.loads(isal_zlib.decompress(row[0])), stored.correction), bytes(row[1])


def drawable(stored: StoredInstance) -> tuple[dict[str, Any], bytes]:
    """The same, with the look-up tables that the header only refers to in it. Raises NotFound."""
    attributes, packed = described(stored)
    fill_in(stored, bulk_elements(attributes))
    return attributes, packed


def fill_in(stored: StoredInstance, elements: Iterable[MutableMapping[str, Any]], most: int | None = None) -> None:
    """Give elements of the header the bulk data that they refer to, up to `most` bytes. Raises NotFound."""
    for element in elements:
        bulk = retrieve.bulk_of(stored, element["BulkDataURI"].rpartition("/")[2])
        if most is None or bulk.length <= most:
            element["InlineBinary"] = b64encode(b"".join(bulk.pieces())).decode()


def pixels_of(stored: StoredInstance, number: int) -> tuple[dict[str, Any], bytes]:
    """The header, its look-up tables filled in, and one frame. Raises NotFound without that frame."""
    if not 1 <= number <= stored.number_of_frames:
        raise NotFound(
            say(
                "The instance has {number_of_frames} frame(s); they count from 1.",
                number_of_frames=stored.number_of_frames,
            )
        )
    attributes, packed = drawable(stored)
    return attributes, FrameIndex.from_bytes(packed).extract(Reader(stored), number)
