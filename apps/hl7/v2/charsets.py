"""Character sets of messages (MSH-18, table 0211), as Python's codecs."""

from collections.abc import Mapping
from typing import Final

from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.saying import say

_LATIN: Final = {f"8859/{part}": f"iso8859_{part}" for part in (*range(1, 10), 15)}
_JAPANESE: Final = frozenset({"ISO IR14", "ISO IR87", "ISO IR159"})
CODECS: Final[Mapping[str, str]] = {
    "ASCII": "ascii",
    "ISO IR6": "ascii",
    **_LATIN,
    **dict.fromkeys(_JAPANESE, "iso2022_jp_ext"),
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5hkscs",
    "UNICODE": "utf_8",
    "UNICODE UTF-8": "utf_8",
}
# What senders write in their stead.
_ALSO: Final[Mapping[str, str]] = {
    "UTF-8": "UNICODE UTF-8",
    "UTF8": "UNICODE UTF-8",
    "US-ASCII": "ASCII",
    "GB18030": "GB 18030-2000",
    "GB18030-2000": "GB 18030-2000",
    "BIG5": "BIG-5",
    **{f"{begin}8859-{part}": f"8859/{part}" for begin in ("ISO-", "ISO", "ISO ", "") for part in (*range(1, 10), 15)},
    **{f"ISO{name}": name for name in _LATIN},
}
# Where neither the message nor whoever knows the sender says it: ASCII (HL7 v2.9, 2.14.9.18) is a part of it.
DEFAULT: Final = "UNICODE UTF-8"
PLACE: Final = Place("MSH", 18)


def is_known(name: str) -> bool:
    """Whether messages in it can be read."""
    return _named(name) in CODECS


def codec_of(names: str) -> str:
    """The codec of what MSH-18 says, whose repetitions (~) are further character sets by ISO 2022.

    Raises Faulty for one that is not read here.
    """
    named = [_named(name) for name in names.split("~") if name.strip()]
    for name in named:
        if name not in CODECS:
            text = say("Messages in the character set {name} are not read here. Send UNICODE UTF-8.", name=name[:40])
            raise Faulty(Condition.TABLE_VALUE, text, PLACE)
    japanese = [name for name in named if name in _JAPANESE]
    return CODECS[(japanese or named or [DEFAULT])[0]]


def decoded(data: bytes, names: str) -> str:
    """The message as text. Raises Faulty."""
    codec = codec_of(names)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        text = say(
            "Byte {place} is no character of {name}. Say in MSH-18 which character set the message is in, or enter it"
            " with the sender.",
            place=error.start + 1, name=(names or DEFAULT)[:40],
        )  # fmt: skip
        raise Faulty(Condition.DATA_TYPE, text, PLACE) from error


def _named(name: str) -> str:
    plain = " ".join(name.upper().split())
    return _ALSO.get(plain, plain)
