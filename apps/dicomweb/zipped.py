"""The files of a study, series or instance as one zip archive: an extension, for people who want to take them along.

There is a folder for each series, and no DICOMDIR: it is not an interchange medium of PS3.10.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Final

from blake3 import blake3
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.archive.leaving import file_of
from apps.archive.models import Series
from apps.archive.retrieve import StoredInstance
from apps.dicomweb.accept import MULTIPART, Offer, accepted, choose
from apps.dicomweb.media_types import DICOM, ZIP
from apps.dicomweb.responses import is_current, not_modified, tagged
from apps.dicomweb.zip_archive import Entry, archive, archive_size

_OFFERS: Final = (Offer(MULTIPART, DICOM), Offer(DICOM), Offer(ZIP))
_UNFIT: Final = re.compile(r"(?:[^A-Za-z0-9.]|\.{2,})+")
_LABEL: Final = 40


def wants_zip(request: HttpRequest) -> bool:
    """Whether the request names `application/zip` and likes nothing better; a wildcard does not ask for it."""
    ranges = accepted(request)
    if not any(each.type == ZIP for each in ranges):
        return False
    offer = choose(ranges, _OFFERS)
    return offer is not None and offer.type == ZIP


def zipped(request: HttpRequest, stored: Sequence[StoredInstance], name: str) -> HttpResponseBase:
    """These objects, in series and instance order, as they leave; `name` is the archive's, without its ending."""
    entries = list(_entries(stored))
    etag = f'"{_digest(stored, entries)}"'
    if is_current(request, etag):
        return not_modified(etag)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=ZIP)
    else:
        response = StreamingHttpResponse(archive(entries), content_type=ZIP)
    response.headers["Content-Length"] = str(archive_size(entries))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return tagged(response, etag)


def _entries(stored: Sequence[StoredInstance]) -> Iterator[Entry]:
    labels = _labels(stored)
    by_series = groupby(stored, key=lambda each: each.series_instance_uid)
    for place, (series, instances) in enumerate(by_series, start=1):
        for number, each in enumerate(instances, start=1):
            name = f"{place:03}{labels.get(series, '')}/{number:05}.dcm"
            yield _entry(name, each)


def _entry(name: str, stored: StoredInstance) -> Entry:
    """The file in the archive; a corrected one is made when its turn comes, so that not all are in memory at once."""
    file = file_of(stored)
    if not stored.correction:
        return Entry(name, file.size, partial(file.pieces, 0, file.size))
    return Entry(name, file.size, partial(_made, stored, file.size))


def _made(stored: StoredInstance, size: int) -> Iterator[bytes]:
    return file_of(stored).pieces(0, size)


def _labels(stored: Sequence[StoredInstance]) -> dict[str, str]:
    """What tells people the series apart, such as `-CT-Axial-2.0`."""
    found = Series.objects.filter(
        study__practice_id=stored[0].practice_id, study__study_instance_uid=stored[0].study_instance_uid
    ).values_list("series_instance_uid", "modality", "series_description")
    return {uid: _fit(f"-{modality}-{description}") for uid, modality, description in found}


def _fit(text: str) -> str:
    """Without what a file system or a shell could mind, and cut to a length."""
    return _UNFIT.sub("-", text)[:_LABEL].rstrip("-.")


def _digest(stored: Sequence[StoredInstance], entries: Sequence[Entry]) -> str:
    digest = blake3()
    for each, entry in zip(stored, entries, strict=True):
        digest.update(each.digest + each.correction + entry.name.encode() + b"\0")
    return digest.hexdigest(16)
