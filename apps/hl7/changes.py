"""Changes of who is known count at once in the process that makes them."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from apps.hl7 import directory
from apps.hl7.models import Sender
from apps.remotes import trust


def connect() -> None:
    """Listen from now on; done again, it changes nothing."""
    for signal in (post_save, post_delete):
        signal.connect(_changed, sender=Sender, dispatch_uid="apps.hl7.Sender")


def _changed(**_: Any) -> None:
    """What is read between now and the commit is as it was before."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    directory.forget_all()
    trust.forget_all()
