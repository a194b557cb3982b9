"""Changes of who is known count at once in the process that makes them."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from apps.remotes import directory, trust
from apps.remotes.models import ApplicationEntity, Remote


def connect() -> None:
    """Listen from now on; done again, it changes nothing."""
    for model in (Remote, ApplicationEntity):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid=f"apps.remotes.{model.__name__}")


def _changed(**_: Any) -> None:
    """What is read between now and the commit is as it was before."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    directory.forget_all()
    trust.forget_all()
