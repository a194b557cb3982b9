"""What people are told of, by which channels unless they say otherwise, and who is asked to know."""

from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.accounts.permissions import Permission


class Kind(TextChoices):
    """What a notification is about."""

    NEW_STUDY = "new_study", _("New X-ray or study")
    NEEDS_REVIEW = "needs_review", _("A study needs review")
    JOB_FAILED = "job_failed", _("A job failed")
    DEVICE_SILENT = "device_silent", _("A device is silent")
    STORAGE = "storage", _("The disk is nearly full")
    QUOTA = "quota", _("The practice's space is nearly used up")
    WEBHOOK_PAUSED = "webhook_paused", _("A webhook was paused")
    REPORT_SIGNED = "report_signed", _("A report was signed")
    CRITICAL = "critical", _("A critical finding")


class Channel(TextChoices):
    """How somebody is told."""

    APP = "app", _("Here")
    EMAIL = "email", _("E-mail")
    CHAT = "chat", _("SMS and chat")


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of a kind: those who have `permission` in the whole practice.

    `outgoing` is whether it leaves by e-mail and chat unless somebody says otherwise. What `is_once` is told once for
    each key; what is not, again when it happens again after it was seen. What `is_urgent` waits for no quiet hours to
    end, and for no digest.
    """

    permission: Permission
    outgoing: bool
    is_once: bool = False
    is_urgent: bool = False


RULES: Final[dict[Kind, Rule]] = {
    Kind.NEW_STUDY: Rule(Permission.VIEW, outgoing=False, is_once=True),
    Kind.NEEDS_REVIEW: Rule(Permission.MERGE, outgoing=False),
    Kind.JOB_FAILED: Rule(Permission.ADMINISTER, outgoing=False),
    Kind.DEVICE_SILENT: Rule(Permission.ADMINISTER, outgoing=True),
    Kind.STORAGE: Rule(Permission.ADMINISTER, outgoing=True),
    Kind.QUOTA: Rule(Permission.ADMINISTER, outgoing=True),
    Kind.WEBHOOK_PAUSED: Rule(Permission.ADMINISTER, outgoing=True),
    Kind.REPORT_SIGNED: Rule(Permission.VIEW, outgoing=False, is_once=True),
    Kind.CRITICAL: Rule(Permission.VIEW, outgoing=True, is_urgent=True),
}


def is_wanted_unless_told(kind: Kind, channel: Channel) -> bool:
    """Whether somebody who has said nothing is told of the kind by the channel."""
    return channel == Channel.APP or RULES[kind].outgoing
