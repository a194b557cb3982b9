"""Typed readers of environment variables. A secret may also come from a file named by `<NAME>_FILE`."""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE: Final = frozenset({"1", "true", "yes", "on"})
ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?", re.ASCII)
FALSE: Final = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str = "") -> str:
    """The variable's value, else the content of the file that `<name>_FILE` names, else `default`."""
    if (value := os.environ.get(name)) is not None:
        return value.strip()
    if file := os.environ.get(f"{name}_FILE"):
        return _content(f"{name}_FILE", Path(file))
    return default


def _content(name: str, file: Path) -> str:
    """What the file says. Raises ImproperlyConfigured."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise ImproperlyConfigured(f"{name} names {file}, which can't be read: {reason}.") from error


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    value = text(name, str(default))
    if not value.lstrip("-").isdigit() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number of at least {minimum}.")
    return int(value)


def choice(name: str, default: str, *others: str) -> str:
    """One of these words."""
    value = text(name, default)
    if value not in (default, *others):
        raise ImproperlyConfigured(f"{name} is {value!r}: write {' or '.join((default, *others))}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """A comma-separated list of networks or addresses such as `192.168.4.0/24`."""
    try:
        return tuple(ip_network(word) for word in words(name))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {text(name)!r}: write networks such as 192.168.4.0/24.") from error


def url(name: str) -> str:
    """An address such as `https://fovea.example.org/images`, without a slash at its end; empty for none."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    if value and (not ORIGIN.fullmatch(f"{parts.scheme}://{parts.netloc}".lower()) or parts.query or parts.fragment):
        raise ImproperlyConfigured(f"{name} is {value!r}: write https://HOST or https://HOST/PATH.")
    return value


def socket_url(name: str) -> str:
    """The address of a WebSocket such as `wss://fovea.example.org/dicom-web`, without a slash at its end."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("ws", "wss") or not parts.hostname or parts.query or parts.fragment):
        raise ImproperlyConfigured(f"{name} is {value!r}: write wss://HOST or wss://HOST/PATH.")
    return value


def origins(name: str) -> list[str]:
    """A list of origins (RFC 6454) such as `https://viewer.example.org`, as browsers write them."""
    given = words(name)
    for origin in given:
        if not ORIGIN.fullmatch(origin):
            raise ImproperlyConfigured(
                f"{name} has {origin!r}: write https://HOST or http://HOST:PORT, without a path."
            )
    return given


def tls_server(name: str) -> tuple[str, int] | None:
    """A server such as `tls://collector.example.org:6514`; None where the variable is empty."""
    value = text(name)
    parts = urlsplit(value)
    if not value:
        return None
    if parts.scheme != "tls" or not parts.hostname or not parts.port or parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} is {value!r}: write tls://HOST:PORT.")
    return parts.hostname, parts.port


def path(name: str, default: Path) -> Path:
    value = text(name)
    return Path(value).expanduser().resolve() if value else default


def optional_path(name: str) -> Path | None:
    """A path; None where the variable is empty."""
    value = text(name)
    return Path(value).expanduser().resolve() if value else None


def host_and_port(name: str, default: str) -> tuple[str, int]:
    """An address such as `127.0.0.1:8000` or `[::1]:8000`."""
    host, _, port = text(name, default).rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ImproperlyConfigured(f"{name} is {text(name, default)!r}: write HOST:PORT.")
    return host.strip("[]"), int(port)


def optional_host_and_port(name: str) -> tuple[str, int] | None:
    """As `host_and_port`; None where the variable is empty."""
    return host_and_port(name, "") if text(name) else None
