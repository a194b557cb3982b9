"""What the log and the metrics say of a connection: one line at its end, without anything of a patient's."""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from apps.core import metrics
from apps.dicom.network.command import Field

_NAMES: Final[dict[int, str]] = {each: each.name.replace("_", "-") for each in Field}

logger = logging.getLogger("fovea.dimse")


@dataclass(slots=True)
class Account:
    """Who called whom from where, how it ended, and what was asked for how often; the times are in seconds."""

    address: str
    calling: str = ""
    called: str = ""
    remote: str = ""
    ending: str = ""
    started: float = field(default_factory=time.perf_counter)
    messages: Counter[str] = field(default_factory=Counter)

    def answered(self, command_field: int, seconds: float) -> None:
        """Count a request; those of kinds that there aren't have one name."""
        name = _NAMES.get(command_field, "unknown")
        self.messages[name] += 1
        metrics.message_answered(name, seconds)

    def close(self) -> None:
        """Write the line. Connections by which nobody asked for anything are not worth one, unless somebody looks."""
        seconds = time.perf_counter() - self.started
        metrics.association_ended(self.ending.partition(":")[0], seconds)
        facts = {
            "calling": self.calling,
            "called": self.called,
            "remote": self.remote,
            "address": self.address,
            "ended": self.ending,
            "messages": ",".join(f"{name}:{count}" for name, count in self.messages.items()),
            "seconds": round(seconds, 3),
        }
        logger.log(logging.INFO if self.calling else logging.DEBUG, "association", extra={"facts": facts})
