"""What is wrong with a webhook as it was entered, in words for who enters it."""

import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from apps.remotes import certificates
from apps.remotes.validation import MOST_CERTIFICATES, Finding, is_host
from apps.saying import say
from apps.webhooks import kinds
from apps.webhooks.addresses import Forbidden, Unknown, reachable
from apps.webhooks.models import Detail

if TYPE_CHECKING:
    from apps.webhooks.models import Webhook

NO_ADDRESS: Final = say("Write an address such as https://practice.example.org/fovea.")
NOT_PLAIN: Final = say("Write the address without user name and #: each event is signed, and needs no password.")
FORBIDDEN: Final = say(
    "This address is on this machine or in a private network, which is not called. Whoever runs the server can "
    "allow it (FOVEA_WEBHOOK_NETWORKS)."
)
NOT_SECRET: Final = say("Patient data leaves by https:// alone.")
NO_EVENTS: Final = say("Choose at least one kind of event.")


def findings(webhook: "Webhook") -> Iterator[Finding]:
    """What is wrong, as pairs of a field and a text. Looks the address's host up, which may take two seconds."""
    yield from _of_address(webhook)
    yield from _of_events(webhook.events)
    yield from _of_certificate(webhook.certificate)


def _of_address(webhook: "Webhook") -> Iterator[Finding]:
    parts = _parts(webhook.url)
    if parts is None:
        yield "url", NO_ADDRESS
        return
    if "@" in parts.netloc or "#" in webhook.url:
        yield "url", NOT_PLAIN
    if webhook.detail == Detail.FULL and parts.scheme != "https":
        yield "detail", NOT_SECRET
    try:
        reachable(parts.hostname or "")
    except Forbidden:
        yield "url", FORBIDDEN
    except Unknown:
        # It may be set up later; where it leads is looked at each time it is called.
        return


def _parts(url: str) -> SplitResult | None:
    """The parts of an address that can be called; None for another text."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and parts.port != 0 and is_host(parts.hostname or "")
    except ValueError:
        return None
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    return parts if is_whole and is_plain else None


def _of_events(events: object) -> Iterator[Finding]:
    known = {kind.name for kind in kinds.chosen()}
    if not isinstance(events, list) or not all(isinstance(each, str) for each in events):
        yield "events", NO_EVENTS
        return
    if not events:
        yield "events", NO_EVENTS
    for name in [each for each in events if each not in known][:1]:
        yield "events", say("There are no events of the kind {name}.", name=name[:60])


def _of_certificate(text: str) -> Iterator[Finding]:
    try:
        found = certificates.certificates_of(text)
    except (ValueError, ssl.SSLError) as error:
        yield "certificate", say("This is no certificate in PEM: {error}", error=str(error))
        return
    if len(found) > MOST_CERTIFICATES:
        yield "certificate", say("At most {most} certificates: its own, and the one that follows it.",
                                 most=MOST_CERTIFICATES)  # fmt: skip
