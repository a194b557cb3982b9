"""Character sets of messages, those that hold delimiters within their characters among them."""

import pytest

from apps.hl7.v2.charsets import codec_of, decoded
from apps.hl7.v2.faults import Faulty
from apps.hl7.v2.head import Head
from apps.hl7.v2.message import parse

FIELDS = "MSH|^~\\&|PMS|{facility}|||2030||ADT^A04|C-1|P|2.5.1||||||{charset}\rPID|||P-1||{name}^Jane\r"


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        ("ASCII", "ascii", "Doe"),
        ("8859/1", "latin-1", "Müller"),
        ("ISO-8859-15", "iso8859_15", "Œuvre€"),
        ("8859/5", "iso8859_5", "Иванов"),
        ("UNICODE UTF-8", "utf-8", "王小东"),
        ("UTF-8", "utf-8", "Ångström"),
        ("GB 18030-2000", "gb18030", "王小东"),
        ("BIG-5", "big5", "許功蓋"),
        ("KS X 1001", "euc_kr", "홍길동"),
        ("~ISO IR87", "iso2022_jp_ext", "山田"),
    ],
)
def test_names_are_read_in_the_messages_own(charset: str, codec: str, name: str) -> None:
    data = FIELDS.format(charset=charset, name=name, facility="NORTH").encode(codec)
    head = Head.of(data)
    assert head.charset == charset
    message = parse(decoded(data, head.charset), codec_of(head.charset))
    pid = message.needed("PID")
    assert (pid.value(5), pid.value(5, 2)) == (name, "Jane")


def test_a_header_with_delimiters_within_its_characters_is_read() -> None:
    # The second byte of this character is the one that divides fields in ASCII.
    data = FIELDS.format(charset="GB 18030-2000", name="x", facility="\u4e37東").encode("gb18030")
    assert Head.of(data).charset == "GB 18030-2000"
    facility = "\u7e7c"
    raw = FIELDS.format(charset="BIG-5", name="x", facility=facility).encode("big5")
    assert Head.of(raw).facility == facility


@pytest.mark.parametrize("charset", ["UNICODE UTF-16", "UNICODE UTF-32", "CNS 11643-1992", "EBCDIC", "x" * 500])
def test_others_are_refused_by_name(charset: str) -> None:
    with pytest.raises(Faulty, match="not read here") as error:
        codec_of(charset)
    assert str(error.value.place) == "MSH-18"


def test_bytes_that_are_none_of_its_characters_are_refused_with_their_place() -> None:
    with pytest.raises(Faulty, match="Byte 5"):
        decoded(b"Doe \xe9", "ASCII")
    with pytest.raises(Faulty, match="UTF-8"):
        decoded("Müller".encode("latin-1"), "")
