"""Which services carry SMS and chat messages: those that the site allows, at addresses that may be called.

An address of Apprise's (https://appriseit.com/services) begins with its service: `tgram://…`, `twilio://…`. What is
allowed by default has its servers' names built in. Some services that a site may allow besides are anywhere: the
address names the host, and one that is about the machine itself is refused.
"""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings

from apps.core.errors import Invalid
from apps.saying import say

LONGEST: Final = 1000
# Their servers are named in Apprise itself, so that no address leads anywhere else.
FIXED: Final = frozenset(
    [
        "bulksms",
        "clicksend",
        "d7sms",
        "dingtalk",
        "discord",
        "feishu",
        "gchat",
        "httpsms",
        "lark",
        "line",
        "msgbird",
        "pbul",
        "plivo",
        "pover",
        "seven",
        "sinch",
        "slack",
        "sns",
        "tgram",
        "threema",
        "twilio",
        "voipms",
        "vonage",
        "webex",
        "wecombot",
        "whatsapp",
        "wxteams",
    ]
)
# Of an address's options, those that only say who it is for. Others name files, or switch off what keeps it safe.
OPTIONS: Final = frozenset({"from", "region", "source", "thread", "to", "topic"})
_SERVICE: Final = re.compile(r"([a-z0-9]{2,20})://", re.ASCII)


def allowed() -> frozenset[str]:
    """The services of this site: what FOVEA_NOTIFY_SERVICES names, else those whose servers are known."""
    return frozenset(settings.NOTIFY_SERVICES) or FIXED


def checked(url: str) -> str:
    """The service of an address. Raises Invalid for one that is not allowed, or that must not be called."""
    found = _SERVICE.match(url)
    if found is None or len(url) > LONGEST or not url.isprintable() or " " in url:
        raise _wrong(say("Write an address such as tgram://TOKEN/CHAT, as Apprise has it."))
    service = found[1]
    if service not in allowed():
        names = ", ".join(sorted(allowed()))
        raise _wrong(say("{service} is not among the services of this site: {names}.", service=service, names=names))
    if strange := sorted(_options(url) - OPTIONS):
        raise _wrong(say("Leave out the option {name}: it is not taken here.", name=strange[0]))
    if service not in FIXED and not is_callable(url):
        raise _wrong(say("This host is not known, or is one that must not be called."))
    return service


def _options(url: str) -> set[str]:
    _, _, query = url.partition("?")
    return {unquote(each.partition("=")[0]).strip().lower() for each in re.split("[&;]", query) if each}


def is_callable(url: str) -> bool:
    """Whether each address of the URL's host may be called: none that is about the machine itself."""
    try:
        host, port = urlsplit(url).hostname, urlsplit(url).port
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, ValueError):
        return False
    return bool(found) and not any(_is_forbidden(str(each[4][0])) for each in found)


def _is_forbidden(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified


def _wrong(text: str) -> Invalid:
    return Invalid(text, [("url", text)])
