"""Forms with files (RFC 7578, multipart/form-data) as a stream: nothing of a file is kept here, however large it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from apps.core import multipart
from apps.core.errors import Invalid, TooLarge, Unsupported
from apps.core.http import body_stream
from apps.saying import say

MEDIA_TYPE: Final = "multipart/form-data"
FIELD_BYTES: Final = 2 << 20
NAME_LENGTH: Final = 255
_DISPOSITION: Final = "content-disposition"


@dataclass(frozen=True, slots=True)
class Item:
    """A field of a form: of a file if it has a file's name. Its bytes can be read until the next one is asked for."""

    name: str
    file_name: str | None
    media_type: str
    chunks: Iterator[bytes | memoryview]

    def text(self) -> str:
        """The field's value. Raises TooLarge, and Invalid for what is no UTF-8."""
        try:
            return self.data().decode()
        except UnicodeDecodeError as error:
            raise Invalid(errors=[(self.name, say("This is not text in UTF-8."))]) from error

    def data(self) -> bytes:
        """The field's bytes, which are not many. Raises TooLarge."""
        data = bytearray()
        for chunk in self.chunks:
            data += chunk
            if len(data) > FIELD_BYTES:
                raise TooLarge(
                    say("{name} has more than {field_bytes} MiB.", name=self.name, field_bytes=FIELD_BYTES >> 20)
                )
        return bytes(data)


def items(request: HttpRequest, *, body_bytes: int, limits: multipart.Limits) -> Iterator[Item]:
    """The fields of the request's form, in order.

    Raises Unsupported for another kind of body, and what `http.body_stream` and `multipart.parts` raise.
    """
    media_type, parameters = multipart.content_type(request.META.get("CONTENT_TYPE", ""))
    if media_type != MEDIA_TYPE:
        raise Unsupported(say("Send a form with files, {media_type}.", media_type=MEDIA_TYPE))
    body = body_stream(request, limit=body_bytes)
    return map(_item, multipart.parts(body, parameters.get("boundary", ""), limits))


def _item(part: multipart.Part) -> Item:
    # Names of files are written in UTF-8 as they are (RFC 7578 5.1.1), where the header was read byte by byte.
    header = part.headers.get(_DISPOSITION, "").encode("latin-1").decode("utf-8", "replace")
    disposition, parameters = multipart.content_type(header)
    name = parameters.get("name", "")
    if disposition != "form-data" or not name:
        raise Invalid(say("Part {number} of the form does not say which field it is.", number=part.number))
    media_type = part.headers.get("content-type", "")
    file_name = parameters.get("filename")
    return Item(_plain(name), None if file_name is None else _plain(file_name), media_type, part.chunks)


def _plain(name: str) -> str:
    """The name without what can't be shown: it is told to people, and never names anything on the disk."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)[:NAME_LENGTH]
