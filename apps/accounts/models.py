"""Who uses the archive: practices (the tenants), users, what they may do there, and their tokens."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import permissions
from apps.accounts.permissions import NAMED, NEVER_BY_DEFAULT, ROLE_LABELS, Permission, Scope
from apps.dicom.names import fold

USE_NOTED_EVERY = timedelta(minutes=1)
KEY_LENGTH = 255
TOKEN_PREFIX = "fovea_"  # noqa: S105 - not a secret: it tells people what the rest is


class Practice(models.Model):
    """A tenant: its studies, users and settings never meet another's."""

    name = models.CharField(verbose_name=_("name"), max_length=120, unique=True)
    created_at = models.DateTimeField(verbose_name=_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Someone who signs in. `practice` is the active one: where what they upload goes."""

    practice = models.ForeignKey(
        Practice,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("active practice"),
        help_text=_("Where what this user uploads goes."),
    )
    must_change_password = models.BooleanField(
        default=False,
        verbose_name=_("must choose a password of their own"),
        help_text=_("At the next sign-in, before anything else."),
    )
    language = models.CharField(
        verbose_name=_("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Of pages and messages; empty: the browser's."),
    )

    @property
    def practices(self) -> models.QuerySet[Practice]:
        """Those in which the user has a grant now."""
        return Practice.objects.filter(pk__in=Grant.objects.current().filter(user=self).values("practice"))


def _are_permissions(names: object) -> None:
    if not isinstance(names, list) or set(names) - set(Permission.values):
        raise ValidationError(gettext("These are permissions: %(names)s.") % {"names": ", ".join(Permission.values)})


class Role(models.Model):
    """A bundle of permissions. Those without a practice come with the product and stay as they are."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), null=True, blank=True, on_delete=models.CASCADE, related_name="roles"
    )
    name = models.CharField(verbose_name=_("name"), max_length=80)
    permissions = models.JSONField(verbose_name=_("permissions"), default=list, validators=[_are_permissions])

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["practice_id", "name"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "name"], name="role_once"),
            models.UniqueConstraint(fields=["name"], condition=models.Q(practice=None), name="role_of_product_once"),
        ]

    def __str__(self) -> str:
        return str(ROLE_LABELS.get(self.name, self.name)) if self.practice_id is None else self.name


class GrantQuerySet(models.QuerySet["Grant"]):
    def current(self) -> "GrantQuerySet":
        """Those that hold at this moment."""
        now = timezone.now()
        ends_later = models.Q(valid_until=None) | models.Q(valid_until__gt=now)
        return self.filter(ends_later, valid_from__lte=now)


class Grant(models.Model):
    """A role given to a user in a practice, for a scope and a time. Without one nothing is allowed."""

    class Origin(models.TextChoices):
        HAND = "hand", _("Given by hand")
        FAMILY = "family", _("Family access")
        REQUEST = "request", _("Access request")
        EMERGENCY = "emergency", _("Emergency access")

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="grants")
    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.PROTECT, related_name="grants")
    scope = models.CharField(verbose_name=_("scope"), max_length=10, choices=Scope.choices, default=Scope.PRACTICE)
    subject = models.CharField(
        verbose_name=_("subject"),
        max_length=250,
        blank=True,
        help_text=_("The label, the referring physician's name as DICOM writes it, or the Study Instance UID."),
    )
    subject_key = models.CharField(
        verbose_name=_("subject key"), max_length=250, blank=True, editable=False, help_text=_("As studies have it.")
    )
    valid_from = models.DateTimeField(verbose_name=_("valid from"), default=timezone.now)
    valid_until = models.DateTimeField(
        verbose_name=_("valid until"), null=True, blank=True, help_text=_("Empty for as long as nobody ends it.")
    )
    origin = models.CharField(
        verbose_name=_("origin"), max_length=10, choices=Origin.choices, default=Origin.HAND, editable=False
    )
    granted_by = models.ForeignKey(
        User,
        verbose_name=_("granted by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    granted_at = models.DateTimeField(verbose_name=_("granted at"), auto_now_add=True)
    reason = models.CharField(verbose_name=_("reason"), max_length=250, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["practice_id", "user_id", "pk"]
        indexes = [
            models.Index(fields=["user", "scope", "practice", "subject_key"], name="grant_reach"),
            models.Index(fields=["practice", "user"], name="grant_people"),
        ]

    def __str__(self) -> str:
        return gettext("%(role)s in %(practice)s") % {"role": self.role, "practice": self.practice}

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.subject_key = fold(self.subject) if self.scope == Scope.PHYSICIAN else self.subject
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Raises ValidationError for a scope without what it names, or another practice's role."""
        if (self.scope in NAMED) is not bool(self.subject):
            raise ValidationError(
                {
                    "subject": gettext("This scope needs it.")
                    if self.scope in NAMED
                    else gettext("Only for a scope that names something.")
                }
            )
        if self.role_id and self.role.practice_id not in (None, self.practice_id):
            raise ValidationError({"role": gettext("This role belongs to another practice.")})

    def is_current(self) -> bool:
        now = timezone.now()
        return self.valid_from <= now and (self.valid_until is None or self.valid_until > now)


def _least() -> list[str]:
    """What a token may do unless it is told otherwise."""
    return [permission.value for permission in Permission if permission not in NEVER_BY_DEFAULT]


class Token(models.Model):
    """A bearer token: it may do what its user may, within its permissions and practice.

    Only its SHA-256 is kept; the token itself is shown once.
    """

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(
        verbose_name=_("name"), max_length=80, help_text=_("What uses it, such as the practice-management system.")
    )
    digest = models.CharField(verbose_name=_("digest"), max_length=64, unique=True, editable=False)
    hint = models.CharField(
        verbose_name=_("hint"), max_length=16, editable=False, help_text=_("The token's first characters.")
    )
    created_at = models.DateTimeField(verbose_name=_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(verbose_name=_("expires at"), null=True, blank=True)
    practice = models.ForeignKey(
        Practice,
        verbose_name=_("practice"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Empty for all of the user's."),
    )
    permissions = models.JSONField(verbose_name=_("permissions"), default=_least, validators=[_are_permissions])
    last_used_at = models.DateTimeField(
        verbose_name=_("last used at"), null=True, blank=True, editable=False, help_text=_("To the minute.")
    )

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def issue(
        cls,
        user: User,
        name: str,
        expires_at: datetime | None = None,
        *,
        practice: Practice | None = None,
        permissions: Iterable[str] | None = None,
    ) -> tuple["Token", str]:
        """A new token and its secret, which can't be had again."""
        token = cls(user=user, name=name, expires_at=expires_at, practice=practice)
        if permissions is not None:
            token.permissions = list(permissions)
        return token, token.rotate()

    def rotate(self) -> str:
        """Give the token a new secret, which is returned and can't be had again; the old one is worth nothing now."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        self.digest, self.hint = self.digest_of(secret), secret[:12]
        self.save()
        return secret

    def note_use(self) -> None:
        """Remember that the token was used now; once a minute is enough."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at > USE_NOTED_EVERY:
            Token.objects.filter(pk=self.pk).update(last_used_at=now)

    @property
    def permitted(self) -> frozenset[Permission]:
        return permissions.read(self.permissions)

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def is_current(self) -> bool:
        return self.expires_at is None or self.expires_at > timezone.now()


class IdempotencyKey(models.Model):
    """A request that may be sent again without being done again, and what it was answered (idempotency.py)."""

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+")
    key = models.CharField(verbose_name=_("key"), max_length=KEY_LENGTH)
    fingerprint = models.CharField(
        verbose_name=_("fingerprint"), max_length=64, help_text=_("Keyed hash of the request.")
    )
    rights = models.CharField(
        verbose_name=_("rights"), max_length=64, help_text=_("Hash of what the caller might do then.")
    )
    began_at = models.DateTimeField(verbose_name=_("began at"), default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField(
        verbose_name=_("status"), null=True, blank=True, help_text=_("None while it is at work.")
    )
    answer = models.TextField(
        verbose_name=_("answer"), blank=True, help_text=_("Sealed; empty for one that was too large to keep.")
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"request {self.pk}"
