"""Who uses the archive: practices (the tenants), users, their memberships and their tokens."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

TOKEN_PREFIX = "fovea_"  # noqa: S105 - not a secret: it tells people what the rest is


class Practice(models.Model):
    """A tenant: its studies, users and settings never meet another's."""

    name = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
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
        verbose_name="active practice",
        help_text="Where what this user uploads goes.",
    )
    practices = models.ManyToManyField(Practice, through="Membership", related_name="users")


class Membership(models.Model):
    """A user belongs to a practice, and so sees what is stored in it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "practice"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.practice}"


class Token(models.Model):
    """A bearer token of a user. Only its SHA-256 is kept; the token itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80, help_text="What uses it, such as the practice-management system.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=16, editable=False, help_text="The token's first characters.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def issue(cls, user: User, name: str, expires_at: datetime | None = None) -> tuple["Token", str]:
        """A new token and its secret, which can't be had again."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        fields: dict[str, Any] = {"digest": cls.digest_of(secret), "hint": secret[:12], "expires_at": expires_at}
        return cls.objects.create(user=user, name=name, **fields), secret

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def is_current(self) -> bool:
        return self.expires_at is None or self.expires_at > timezone.now()
