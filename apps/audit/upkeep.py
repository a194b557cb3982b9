"""What the record needs of a process that runs all the time; each worker does it every few seconds."""

import logging

from apps.audit import anchors, pending
from apps.audit.shipping import Shipper

logger = logging.getLogger(__name__)

_shipper = Shipper()


def tick() -> None:
    """Put on record the reads that have paused, anchor the chains once a day, and send to the collector what waits.

    Several processes may do it at once. Raises Django's database errors.
    """
    pending.settle()
    try:
        anchors.write_when_due()
    except OSError as error:
        logger.error("The record's anchor can't be written: %s.", error.strerror)  # noqa: TRY400 - it says enough
    _shipper.ship_when_due()
