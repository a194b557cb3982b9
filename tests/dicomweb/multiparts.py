"""Taking multipart answers apart, as a client does."""

import re

Part = tuple[dict[str, str], bytes]


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """The parts of a multipart/related body: headers by lower-case name, and bytes."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    assert found
    boundary = b"--" + found[1].encode()
    assert body.startswith(boundary + b"\r\n")
    assert body.endswith(b"\r\n" + boundary + b"--\r\n")
    pieces = body[: -len(boundary) - 6].split(boundary + b"\r\n")[1:]
    return [_part(piece) for piece in pieces]


def _part(piece: bytes) -> Part:
    head, _, content = piece.partition(b"\r\n\r\n")
    lines = [line.decode().partition(": ") for line in head.split(b"\r\n")]
    headers = {name.lower(): value for name, _, value in lines}
    return headers, content[: int(headers["content-length"])]
