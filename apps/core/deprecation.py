"""Saying that an address is on its way out (RFC 9745), until when it stays (RFC 8594), and what there is instead."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.http import http_date


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A view's `deprecated`: since which day, until which it stays, and the address that replaces it."""

    since: date
    until: date
    successor: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The header fields of each of its answers."""
        links = ['</api/docs>; rel="deprecation"; type="text/html"']
        if self.successor:
            links.append(f'<{self.successor}>; rel="successor-version"')
        return {
            "Deprecation": f"@{_seconds(self.since)}",
            "Sunset": http_date(_seconds(self.until)),
            "Link": ", ".join(links),
        }


def _seconds(day: date) -> int:
    """The beginning of the day, UTC, as seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
