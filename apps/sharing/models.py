"""Share links: one study or one series of it, opened by whoever holds the link, for a time and a number of openings."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, Shared
from apps.archive.models import Series, Study
from apps.archive.querysets import StudyScoped

SECRET_BYTES = 32
TEXT_LENGTH = 110
NAME = "share {}"


def digest_of(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256, which can't be turned back into 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class State(models.TextChoices):
    """Whether a link opens anything, and why it does not any more."""

    CURRENT = "current", _("Open")
    USED_UP = "used_up", _("Used up")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class ShareQuerySet(StudyScoped["Share"]):
    """Those are seen who may share the study itself."""

    permission = Permission.SHARE
    practice_path = "study__practice"
    study_path = "study__"

    def current(self) -> "ShareQuerySet":
        """Those that have neither been revoked nor expired, nor been opened as often as they may be."""
        now = timezone.now()
        opens = models.Q(most_openings=None) | models.Q(openings__lt=models.F("most_openings"))
        return self.filter(opens, revoked_at=None, expires_at__gt=now)


class Share(models.Model):
    """A link that was given to somebody. Only the SHA-256 of its secret is kept; the link is shown once."""

    study = models.ForeignKey(Study, verbose_name=_("study"), on_delete=models.CASCADE, related_name="shares")
    # With its series a link is gone, rather than opening the whole study.
    series = models.ForeignKey(
        Series, verbose_name=_("series"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    digest = models.CharField(verbose_name=_("digest"), max_length=64, unique=True, editable=False)
    recipient = models.CharField(
        verbose_name=_("recipient"), max_length=TEXT_LENGTH, help_text=_("Who gets the link. It is on record.")
    )
    purpose = models.CharField(
        verbose_name=_("purpose"), max_length=TEXT_LENGTH, help_text=_("What for. It is on record.")
    )
    may_download = models.BooleanField(
        verbose_name=_("may download"), default=False, help_text=_("The files may be taken away, not only looked at.")
    )
    password = models.CharField(verbose_name=_("password"), max_length=128, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(
        verbose_name=_("tries"), default=0, editable=False, help_text=_("Passwords that were tried.")
    )
    tries_since = models.DateTimeField(verbose_name=_("tries since"), null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(verbose_name=_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(verbose_name=_("expires at"))
    most_openings = models.PositiveIntegerField(
        verbose_name=_("most openings"), null=True, blank=True, help_text=_("Empty for as many as they like.")
    )
    openings = models.PositiveIntegerField(verbose_name=_("openings"), default=0)
    opened_at = models.DateTimeField(verbose_name=_("opened at"), null=True, help_text=_("The last time."))
    revoked_at = models.DateTimeField(verbose_name=_("revoked at"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("revoked by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share link")
        verbose_name_plural = _("share links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the record calls whoever holds the link."""
        return NAME.format(self.pk)

    @property
    def is_ended(self) -> bool:
        """Whether whoever has opened it sees nothing more."""
        return self.state in (State.REVOKED, State.EXPIRED)

    @property
    def state(self) -> State:
        if self.revoked_at is not None:
            return State.REVOKED
        if self.expires_at <= timezone.now():
            return State.EXPIRED
        is_used_up = self.most_openings is not None and self.openings >= self.most_openings
        return State.USED_UP if is_used_up else State.CURRENT

    @property
    def holder(self) -> Principal:
        """Who holds the link: it reaches what is shared, on behalf of whoever made it, and nothing else."""
        permissions = {Permission.VIEW, Permission.DOWNLOAD} if self.may_download else {Permission.VIEW}
        shared = Shared(self.study.study_instance_uid, self.series.series_instance_uid if self.series else "")
        maker = self.made_by.get_username() if self.made_by else ""
        return Principal.of_share(self.name, self.study.practice_id, shared, frozenset(permissions), maker)

    def renew(self, days: int) -> str:
        """Give the share a secret, which is returned and can't be had again, and so many days from now."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self.digest = digest_of(secret)
        self.expires_at = timezone.now() + timedelta(days=days)
        return secret
