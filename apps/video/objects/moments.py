"""Dates and times as attributes have them (PS3.5 6.2: DA, TM, DT), and the zone they are all of (C.12.1.1.8)."""

from datetime import date, datetime, timedelta

from apps.video.objects.metadata import Metadata


def day(moment: date | None) -> str:
    return moment.strftime("%Y%m%d") if moment else ""


def clock(moment: datetime | None) -> str:
    """Hours, minutes, seconds and, where there is one, the fraction."""
    return moment.strftime("%H%M%S" + (".%f" if moment.microsecond else "")) if moment else ""


def stamp(moment: datetime | None) -> str:
    """A DT, with its offset where it has one."""
    return f"{day(moment)}{clock(moment)}{offset(moment)}" if moment else ""


def offset(moment: datetime | None) -> str:
    """Timezone Offset From UTC (0008,0201), as in +0100; "" where it is not known."""
    return moment.strftime("%z") if moment else ""


def started(metadata: Metadata) -> datetime | None:
    """When the study began: as said, else when the pictures were taken; in the object's zone, since all is of one."""
    study, acquired = metadata.study.started, metadata.acquired
    if study is None or acquired is None:
        return study or acquired
    if study.tzinfo and acquired.tzinfo:
        return study.astimezone(acquired.tzinfo)
    return study


def ended(metadata: Metadata, seconds: float) -> datetime | None:
    return metadata.acquired + timedelta(seconds=seconds) if metadata.acquired else None
