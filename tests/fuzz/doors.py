"""A site that is sent bad objects, and asked to show what it took of them, in every form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.test import Client

from apps.archive.models import Instance
from tests.live import MULTIPART, STUDIES, multipart

OK, FAULT = 200, 500
ACCEPTED: Final = (
    ("", "multipart/related; type=application/dicom"),
    ("/metadata", "application/dicom+json"),
    ("/metadata", "multipart/related; type=application/dicom+xml"),
    ("/rendered", "*/*"),
    ("/rendered", "text/html"),
    ("/thumbnail", "*/*"),
    ("/frames/1", "*/*"),
    ("/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"),
)


@dataclass(slots=True)
class Door:
    """STOW-RS, and behind it all that is told of what came in by it. `client` has signed in; `shown` are answers."""

    client: Client
    shown: int = 0

    def store_and_show(self, data: bytes) -> None:
        """Raises AssertionError for a fault of the server's own."""
        self._check("POST", STUDIES, self.client.post(STUDIES, multipart(data), content_type=MULTIPART))
        for address, accept in self._addresses():
            self._check("GET", address, self.client.get(address, headers={"accept": accept}))
        Instance.objects.all().delete()

    def _addresses(self) -> Iterator[tuple[str, str]]:
        for stored in Instance.objects.select_related("series__study"):
            series = stored.series
            study = f"{STUDIES}/{series.study.study_instance_uid}"
            whole = f"{study}/series/{series.series_instance_uid}/instances/{stored.sop_instance_uid}"
            yield from ((whole + below, accept) for below, accept in ACCEPTED)
            yield f"/admin/archive/instance/{stored.pk}/change/", "text/html"

    def _check(self, method: str, address: str, answer: HttpResponse) -> None:
        if answer.streaming:
            b"".join(answer.streaming_content)
        assert answer.status_code != FAULT, f"{method} {address}: {answer.status_code}"
        self.shown += method == "GET" and answer.status_code == OK
