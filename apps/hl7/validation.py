"""What makes sense of a sender, in the words of who enters it."""

import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from apps.hl7.procedures import table_of
from apps.hl7.v2.charsets import is_known
from apps.remotes import certificates, directory
from apps.saying import say

if TYPE_CHECKING:
    from apps.hl7.models import Sender

MOST_NETWORKS: Final = 32
MOST_CERTIFICATES: Final = 4

Finding = tuple[str, str]


def findings(sender: "Sender") -> Iterator[Finding]:
    """What is wrong, as pairs of a field and a text."""
    yield from _of_networks(sender)
    yield from _of_certificate(sender)
    yield from _of_namesake(sender)
    if sender.charset and not is_known(sender.charset):
        yield "charset", say("Write a character set as MSH-18 has it, such as UNICODE UTF-8, 8859/1 or GB 18030-2000.")
    try:
        table_of(sender.procedures)
    except ValueError as error:
        yield "procedures", error.args[0]


def _of_networks(sender: "Sender") -> Iterator[Finding]:
    try:
        known = directory.networks_of(sender.networks)
    except ValueError as error:
        yield (
            "networks",
            say("{error}. Write addresses or networks such as 192.168.4.0/24, separated by spaces.", error=str(error)),
        )
        return
    if not known:
        yield "networks", say("Enter where it calls from: what it calls itself proves nothing.")
    if len(known) > MOST_NETWORKS:
        yield "networks", say("At most {most} networks.", most=MOST_NETWORKS)


def _of_certificate(sender: "Sender") -> Iterator[Finding]:
    try:
        found = certificates.certificates_of(sender.certificate)
    except (ValueError, ssl.SSLError) as error:
        yield "certificate", say("This is no certificate in PEM: {error}", error=str(error))
        return
    if len(found) > MOST_CERTIFICATES:
        yield (
            "certificate",
            say("At most {most} certificates: its own, and the one that follows it.", most=MOST_CERTIFICATES),
        )


def _of_namesake(sender: "Sender") -> Iterator[Finding]:
    """Two that call themselves the same, or nothing, must differ in where they are, or in their certificates."""
    same = {name: getattr(sender, name) for name in ("application", "facility", "networks", "certificate")}
    if twin := type(sender).objects.filter(**same).exclude(pk=sender.pk).first():
        if twin.practice_id == sender.practice_id:
            text = say("{name} calls itself the same, from the same place: they could not be told apart.", name=twin)
        else:
            text = say("Another practice's sender calls itself the same, from the same place.")
        yield "application", text
