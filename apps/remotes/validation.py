"""What makes sense of a remote, in the words of who enters it."""

import re
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from apps.dicom.network.addresses import parse
from apps.dicom.uids import is_valid_uid
from apps.remotes import certificates, directory
from apps.saying import say

if TYPE_CHECKING:
    from apps.remotes.models import Remote

MOST_NETWORKS: Final = 32
MOST_CERTIFICATES: Final = 4
# RFC 1123 2.1; practices have names with underscores too.
_HOST_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}(?<!-))?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}(?<!-))?)*\.?"
)

Finding = tuple[str, str]


def findings(remote: "Remote") -> Iterator[Finding]:
    """What is wrong, as pairs of a field and a text."""
    yield from _of_dicomweb(remote) if remote.protocol == "dicomweb" else _of_dimse(remote)
    yield from _of_certificate(remote)
    wrong = [uid for uid in remote.transfer_syntaxes.split() if not is_valid_uid(uid)]
    if wrong:
        yield (
            "transfer_syntaxes",
            say("{uid} is no UID. Write UIDs such as 1.2.840.10008.1.2.1, separated by spaces.", uid=wrong[0]),
        )


def _of_dicomweb(remote: "Remote") -> Iterator[Finding]:
    if not remote.url:
        yield "url", say("Enter the address of its DICOMweb service, such as https://archive.example.org/dicom-web.")
        return
    parts = urlsplit(remote.url)
    if parts.scheme not in {"http", "https"}:
        yield "url", say("A DICOMweb address begins with https:// or http://.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        yield (
            "url",
            say("Write the address without user name, ? and #: a user name and a password have fields of their own."),
        )


def _of_dimse(remote: "Remote") -> Iterator[Finding]:
    if not remote.title:
        yield "title", say("Enter the AE title that it calls by, as it is set at the device.")
    if remote.host and not is_host(remote.host):
        yield (
            "host",
            say(
                "{host} is neither an address nor a name of a host. Write 192.168.4.20 or xray.local.", host=remote.host
            ),
        )
    if remote.host and not remote.port:
        yield "port", say("Enter the port too, where it listens: often 104 or 11112.")
    if remote.port and not remote.host:
        yield "host", say("Enter the host too.")
    if not (remote.host or remote.networks.strip()):
        yield "host", say("Enter its host, or the networks that it calls from: an AE title alone proves nothing.")
    yield from _of_networks(remote)
    yield from _of_namesake(remote)


def _of_networks(remote: "Remote") -> Iterator[Finding]:
    try:
        known = directory.networks_of(remote.networks)
    except ValueError as error:
        yield (
            "networks",
            say(
                "{problem}. Write addresses or networks such as 192.168.4.0/24, separated by spaces.",
                problem=str(error),
            ),
        )
        return
    if len(known) > MOST_NETWORKS:
        yield "networks", say("At most {count} networks.", count=MOST_NETWORKS)


def _of_namesake(remote: "Remote") -> Iterator[Finding]:
    """Two of one AE title must differ in where they are, or in their certificates."""
    same = {name: getattr(remote, name) for name in ("practice_id", "title", "host", "networks", "certificate")}
    if twin := type(remote).objects.filter(protocol="dimse", **same).exclude(pk=remote.pk).first():
        yield "title", say("{name} has this AE title and this place: they could not be told apart.", name=twin.name)


def _of_certificate(remote: "Remote") -> Iterator[Finding]:
    try:
        found = certificates.certificates_of(remote.certificate)
    except (ValueError, ssl.SSLError) as error:
        yield "certificate", say("This is no certificate in PEM: {problem}", problem=str(error))
        return
    if len(found) > MOST_CERTIFICATES:
        yield (
            "certificate",
            say("At most {count} certificates: its own, and the one that follows it.", count=MOST_CERTIFICATES),
        )


def is_host(text: str) -> bool:
    """Whether the text can be the name or the address of a host."""
    try:
        parse(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text)) and not text.replace(".", "").isdigit()
    return True
