"""Data sets of workitems in the bodies of requests, in DICOM JSON or the Native DICOM Model (PS3.18 8.7.3)."""

from typing import Final

import orjson
from django.http import HttpRequest

from apps.core import multipart
from apps.core.errors import Invalid, Unsupported
from apps.core.http import body_stream
from apps.dicom.errors import Unreadable
from apps.dicom.limits import Limits
from apps.dicom.xml_reading import read_native_model
from apps.dicomweb.deliveries import METADATA
from apps.dicomweb.media_types import DICOM_JSON, DICOM_XML
from apps.saying import say
from apps.worklist.workitems.names import Dataset
from apps.worklist.workitems.reading import MAX_DEPTH, MAX_ELEMENTS, read

MAX_BODY: Final = 2 << 20
_LIMITS: Final = Limits(depth=MAX_DEPTH, elements=MAX_ELEMENTS, values=MAX_ELEMENTS)


def data_set(request: HttpRequest, *, may_be_empty: bool = False) -> Dataset:
    """The one data set of the request's body. Raises Invalid, Unsupported, BodyTooLarge.

    With `may_be_empty` a request without a body has one without attributes.
    """
    media_type, _ = multipart.content_type(request.META.get("CONTENT_TYPE", ""))
    body = b"".join(body_stream(request, limit=MAX_BODY))
    if may_be_empty and not body.strip():
        return {}
    kind = METADATA.get(media_type)
    if kind is None:
        raise Unsupported(
            say("Send the data set as {dicom_json} or {dicom_xml}.", dicom_json=DICOM_JSON, dicom_xml=DICOM_XML)
        )
    return read(_of_json(body) if kind == DICOM_JSON else _of_xml(body))


def _of_json(body: bytes) -> object:
    """A data set, or an array that holds one (PS3.18 F.2.1)."""
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(say("The body is no JSON in UTF-8: check its brackets, quotes, commas and numbers.")) from error
    if isinstance(sent, list):
        if len(sent) != 1:
            raise Invalid(say("The body holds one data set, and no more."))
        return sent[0]
    return sent


def _of_xml(body: bytes) -> object:
    try:
        return read_native_model([body], _LIMITS)
    except Unreadable as error:
        raise Invalid(error.reason) from error
