"""Where hosts are: addresses in one form, and names looked up within a bounded time and remembered for a while."""

import socket
import threading
import time
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Seconds: how long a look-up may take, and how long its answer counts, or that there was none.
LOOK_UP: Final = 2.0
REMEMBERED: Final = 60.0
NOT_FOUND_REMEMBERED: Final = 10.0
# The system's look-ups have no time-out: each keeps a thread until it ends.
AT_ONCE: Final = 4
MOST_REMEMBERED: Final = 1024

_LOOPBACK: Final[frozenset[Address]] = frozenset({IPv4Address("127.0.0.1"), IPv6Address("::1")})

_known: dict[str, tuple[float, frozenset[Address]]] = {}
_lock = threading.Lock()
_few = threading.BoundedSemaphore(AT_ONCE)


def parse(text: str) -> Address:
    """An address without its zone, of IPv4 where it is an IPv4 address inside of IPv6. Raises ValueError."""
    address = ip_address(text.strip().strip("[]").partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def parse_network(text: str) -> Network:
    """An address, or a network such as 192.168.4.0/24. Raises ValueError, also for one with bits behind its prefix."""
    return ip_network(text) if "/" in text else ip_network(parse(text))


def alike(address: Address) -> frozenset[Address]:
    """The addresses that stand for the same: this machine is itself by IPv4 and by IPv6."""
    return _LOOPBACK | {address} if address.is_loopback else frozenset({address})


def addresses_of(host: str, seconds: float = LOOK_UP) -> frozenset[Address]:
    """The addresses of a host given by its name or address; none for one that isn't found within so many seconds."""
    try:
        return frozenset({parse(host)})
    except ValueError:
        pass
    known = _known.get(host)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    return _look_up(host, seconds)


def forget_all() -> None:
    """Look every name up again."""
    with _lock:
        _known.clear()


def _look_up(host: str, seconds: float) -> frozenset[Address]:
    if not _few.acquire(timeout=seconds):
        return frozenset()
    answer: SimpleQueue[frozenset[Address]] = SimpleQueue()
    threading.Thread(target=_ask, args=(host, answer), name="look-up", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except Empty:
        return frozenset()


def _ask(host: str, answer: "SimpleQueue[frozenset[Address]]") -> None:
    """One look-up. What comes too late for who asked is remembered for the next."""
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        found = frozenset(parse(str(entry[4][0])) for entry in entries)
    except (OSError, UnicodeError):
        found = frozenset()
    finally:
        _few.release()
    _remember(host, found)
    answer.put(found)


def _remember(host: str, found: frozenset[Address]) -> None:
    seconds = REMEMBERED if found else NOT_FOUND_REMEMBERED
    with _lock:
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        _known[host] = (time.monotonic() + seconds, found)
