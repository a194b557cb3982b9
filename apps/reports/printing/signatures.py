"""Who stands for a document, and how that can be checked."""

from apps.reports.content.document import Document, Signed
from apps.reports.printing.heads import full_name
from apps.reports.printing.markup import Markup, element
from apps.reports.printing.parts import QR_CODE, SCHEME, Tell
from apps.saying import say


def signature(document: Document, address: str, tell: Tell, *, has_code: bool) -> Markup:
    """The end of a document: who has signed it, or who writes it. `address` is where the signature can be verified,
    empty for nowhere; with `has_code` it is there as a QR code too."""
    signed = document.signed
    if signed is None:
        author = element("p", tell(say("Author: {name}", name=full_name(document.author)))) if document.author else None
        return element("section", element("h2", tell(say("Not signed"))), author, class_="signature")
    return element(
        "section",
        element("h2", tell(say("Signature"))),
        element(
            "div",
            element("div", *_who(signed, tell), *_check(signed, address, tell)),
            _code(address, tell) if address and has_code else None,
            class_="signed",
        ),
        class_="signature",
    )


def said_moment(at: str) -> str:
    """A moment (ISO 8601 with its zone) as `2026-03-01 10:15:30 +01:00`."""
    day, _, time = at.partition("T")
    clock, zone = time[:8], time[8:].lstrip(".0123456789")
    return " ".join(filter(None, (day, clock, "UTC" if zone == "Z" else zone)))


def _who(signed: Signed, tell: Tell) -> list[Markup]:
    name, at = full_name(signed.name), said_moment(signed.at)
    lines = [
        element("p", element("b", name), f", {signed.credentials}" if signed.credentials else None),
        element("p", tell(say("Signed electronically: {moment}", moment=at))),
    ]
    if signed.number > 1:
        lines.append(element("p", tell(say("Signature number {number} of this report", number=signed.number))))
    if signed.reason:
        lines.append(element("p", tell(say("Reason for the amendment: {reason}", reason=signed.reason))))
    return lines


def _check(signed: Signed, address: str, tell: Tell) -> list[Markup]:
    lines = [
        element("p", tell(say("SHA-256 of what was signed:")), " ", element("span", signed.digest), class_="digest")
    ]
    if address:
        link = element("a", address, href=address)
        lines.append(element("p", tell(say("This signature can be verified at:")), " ", link))
    return lines


def _code(address: str, tell: Tell) -> Markup:
    alt = tell(say("QR code of the address {address}", address=address))
    return element("img", src=f"{SCHEME}{QR_CODE}", alt=alt, class_="code")
