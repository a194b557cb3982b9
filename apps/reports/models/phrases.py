"""What people write again and again."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet

NAME_LENGTH: Final = 80
PHRASE_LENGTH: Final = 10_000


class PhraseQuerySet(ScopedQuerySet["Phrase"]):
    permission = Permission.REPORT


class Phrase(models.Model):
    """A text by its name: typed with a point before it (.normal), or said. Without a user it is the practice's."""

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="report_phrases", verbose_name=_("practice")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="report_phrases",
        verbose_name=_("user"),
        help_text=_("Empty: everybody's in the practice."),
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    text = models.TextField(_("text"), max_length=PHRASE_LENGTH)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("phrase")
        verbose_name_plural = _("phrases")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "user", "language", "name"], name="phrase_once"),
            models.UniqueConstraint(
                fields=["practice", "language", "name"], condition=models.Q(user=None), name="phrase_of_practice_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
