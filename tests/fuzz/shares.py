"""How FUZZ_SECONDS is shared: evenly among the readers, the server's doors as one of them."""

from typing import Final

from tests.fuzz import network, readers

TARGETS: Final = [*readers.TARGETS, *network.TARGETS]
SHARE: Final = 1 / (len(TARGETS) + 1)
