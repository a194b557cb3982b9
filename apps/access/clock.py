"""What ends by itself: once a minute, in the worker."""

from typing import Any

from apps.access import emergencies, invitations


def on_minute(**_: Any) -> None:
    """Put on record which emergencies and invitations are over. Rights end to the second without it."""
    emergencies.stop_lapsed()
    invitations.expire()
