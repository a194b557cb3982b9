"""Answers in the Native DICOM Model: one part for each data set (PS3.18 8.7.3.3)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.http.response import HttpResponseBase

from apps.dicom.header import first_value
from apps.dicom.xml_model import native_model
from apps.dicomweb.media_types import DICOM_XML
from apps.dicomweb.responses import IN_MEMORY, Part, multipart

RETRIEVE_URL: Final = "00081190"
STUDY, SERIES, INSTANCE, SOP_CLASS = "0020000D", "0020000E", "00080018", "00080016"
WORKITEM: Final = "1.2.840.10008.5.1.4.34.6.1"
# An XML document is about so many times as long as the JSON that it is made of.
_GROWTH: Final = 3


Attributes = Mapping[str, dict[str, Any]]


def data_sets(
    found: Iterable[Attributes], base: str, json_size: int = IN_MEMORY, *, head: bool = False
) -> HttpResponseBase:
    """multipart/related with one part for each data set; streamed unless their `json_size` bytes of JSON are few.

    A part's Content-Location is the address that its data set tells, else that of the workitem that it is, or of the
    instance's metadata.
    """
    size = min(json_size * _GROWTH, IN_MEMORY + 1)
    return multipart(DICOM_XML, _parts(found, base), size, head=head)


def _parts(found: Iterable[Attributes], base: str) -> Iterator[Part]:
    for attributes in found:
        body = native_model(attributes)
        yield Part(DICOM_XML, _location(attributes, base), len(body), (body,))


def _location(attributes: Attributes, base: str) -> str:
    told: str | None = first_value(attributes, RETRIEVE_URL)
    if first_value(attributes, SOP_CLASS) == WORKITEM:
        return f"{base}/workitems/{first_value(attributes, INSTANCE)}"
    study, series, sop = (first_value(attributes, tag) for tag in (STUDY, SERIES, INSTANCE))
    return told or f"{base}/studies/{study}/series/{series}/instances/{sop}/metadata"
