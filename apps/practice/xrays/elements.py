"""Elements of the DICOM JSON model (PS3.18 F.2.2), written short."""

from typing import Any

from apps.dicom.values import Element
from apps.practice.xrays.kinds import Code


def element(vr: str, *given: Any) -> Element:
    """An element with these values; without any, one that is there and empty (type 2)."""
    return {"vr": vr, "Value": list(given)} if given else {"vr": vr}


def name(text: str) -> Element:
    """A person name; its groups are separated by equals signs (PS3.5 6.2)."""
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    spelt = {group: part for group, part in groups if part}
    return element("PN", spelt) if spelt else element("PN")


def optional(vr: str, text: str) -> Element:
    """A text, or the empty element."""
    return element(vr, text) if text else element(vr)


def coded(code: Code, **more: Element) -> dict[str, Element]:
    """An item of a code sequence (PS3.3 8.8), with what the sequence adds to it by tag (`t00082220`)."""
    item = {
        "00080100": element("SH", code.value),
        "00080102": element("SH", code.scheme),
        "00080104": element("LO", code.meaning),
    }
    return item | {tag.removeprefix("t"): value for tag, value in more.items()}


def sequence(*items: dict[str, Element]) -> Element:
    """A sequence of these items; without any, the empty one (type 2)."""
    return element("SQ", *items)
