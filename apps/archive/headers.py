"""The header of an object that has been found already, for those who draw it or write it out."""

from typing import Any

import orjson
from django.db import connection
from isal import isal_zlib

from apps.archive.retrieve import StoredInstance


def described(stored: StoredInstance) -> tuple[dict[str, Any], bytes]:
    """The object's header in DICOM JSON, and its packed frame index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT header, frame_index FROM archive_instance WHERE id = %s", [stored.pk])
        header, packed = cursor.fetchone()
    return orjson.loads(isal_zlib.decompress(header)), bytes(packed)
