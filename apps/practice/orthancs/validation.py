"""What is wrong with an Orthanc as it was entered, in words for who enters it."""

import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from apps.remotes import certificates, directory
from apps.remotes.validation import MOST_CERTIFICATES, MOST_NETWORKS, Finding
from apps.saying import say

if TYPE_CHECKING:
    from apps.practice.models import Orthanc


def findings(orthanc: "Orthanc") -> Iterator[Finding]:
    """What is wrong, as pairs of a field and a text."""
    yield from _of_address(orthanc.url)
    yield from _of_networks(orthanc.networks)
    yield from _of_certificate(orthanc.certificate)


def _of_address(url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    if url and parts.scheme not in {"http", "https"}:
        yield "url", say("The address of an Orthanc begins with http:// or https://.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        yield (
            "url",
            say("Write the address without user name, ? and #: user name and password have fields of their own."),
        )


def _of_networks(text: str) -> Iterator[Finding]:
    try:
        known = directory.networks_of(text)
    except ValueError as error:
        yield (
            "networks",
            say("{error}. Write addresses or networks such as 192.168.4.0/24, separated by spaces.", error=str(error)),
        )
        return
    if len(known) > MOST_NETWORKS:
        yield "networks", say("At most {most} networks.", most=MOST_NETWORKS)


def _of_certificate(text: str) -> Iterator[Finding]:
    try:
        found = certificates.certificates_of(text)
    except (ValueError, ssl.SSLError) as error:
        yield "certificate", say("This is no certificate in PEM: {error}", error=str(error))
        return
    if len(found) > MOST_CERTIFICATES:
        yield (
            "certificate",
            say("At most {most} certificates: its own, and the one that follows it.", most=MOST_CERTIFICATES),
        )
