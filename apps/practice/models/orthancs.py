"""The Orthancs that practices trust to tell of what arrived at them, and what each of them has told."""

from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.jobs.models import Job
from apps.remotes.models import TEXT_LENGTH, Administered

SOURCE_BYTES = 8
DELIVERY_LENGTH = 64
# Five groups of eight hexadecimal digits: the SHA-1 by which Orthanc names a resource.
RESOURCE_LENGTH = 44


def new_source() -> str:
    """The name by which an Orthanc says which it is: nobody guesses it, though it is no secret."""
    return token_hex(SOURCE_BYTES)


class Level(models.TextChoices):
    """What a notice is about."""

    STUDY = "study", _("Study")
    SERIES = "series", _("Series")
    INSTANCE = "instance", _("Instance")


class NoticeState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Fetched")
    GONE = "gone", _("Not there any more")
    FAILED = "failed", _("Given up")
    CANCELLED = "cancelled", _("Cancelled")


class OrthancQuerySet(Administered["Orthanc"]):
    """Orthancs, by practice."""


class Orthanc(models.Model):
    """An Orthanc of a practice: where it is asked for what it has told of, and the secret by which it signs."""

    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="orthancs"
    )
    name = models.CharField(
        verbose_name=_("name"),
        max_length=60,
        help_text=_("What people call it, such as Orthanc of the imaging centre."),
    )
    is_active = models.BooleanField(
        _("switched on"), default=True, help_text=_("One that is not is neither believed nor called.")
    )
    url = models.URLField(
        _("address"),
        help_text=_(
            "Where its own web page is, such as http://192.168.4.30:8042. What it tells of is fetched from here "
            "and nowhere else."
        ),
    )
    certificate = models.TextField(
        verbose_name=_("certificate"),
        blank=True,
        help_text=_("Its certificate (PEM), where it has https:// with one that it signed itself."),
    )
    username = models.CharField(_("user name"), max_length=150, blank=True)
    # Both sealed by apps.core.sealed; the password never shown, the other once, when it is made.
    secret = models.TextField(verbose_name=_("secret"), blank=True, editable=False)
    signing_secret = models.TextField(verbose_name=_("signing secret"), blank=True, editable=False)
    source = models.CharField(
        verbose_name=_("source"), max_length=2 * SOURCE_BYTES, unique=True, default=new_source, editable=False
    )
    networks = models.CharField(
        verbose_name=_("networks"),
        max_length=TEXT_LENGTH,
        blank=True,
        help_text=_(
            "Where it may call from: addresses or networks such as 192.168.4.0/24, separated by spaces. Left "
            "empty: from anywhere, for each call is signed."
        ),
    )
    follows = models.BooleanField(
        _("catch up"),
        default=True,
        help_text=_("Ask it each minute what has changed, so that a call that got lost loses nothing."),
    )

    # The number of the last of its changes (/changes) that was seen; none until it was first asked.
    last_change = models.BigIntegerField(verbose_name=_("last change"), null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(
        verbose_name=_("seen at"), null=True, blank=True, editable=False, help_text=_("When it last called.")
    )
    answered_at = models.DateTimeField(
        verbose_name=_("answered at"), null=True, blank=True, editable=False, help_text=_("When it last answered.")
    )
    last_error = models.CharField(verbose_name=_("last error"), max_length=TEXT_LENGTH, blank=True, editable=False)
    error_at = models.DateTimeField(verbose_name=_("error at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(verbose_name=_("created at"), default=timezone.now, editable=False)

    objects = OrthancQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("Orthanc")
        verbose_name_plural = _("Orthancs")
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"],
                name="orthanc_name",
                violation_error_message=_("This practice has an Orthanc of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from apps.practice.orthancs.validation import findings

        wrong: dict[str, list[str]] = {}
        for field, text in findings(self):
            wrong.setdefault(field, []).append(text)
        if wrong:
            raise ValidationError(wrong)


class OrthancNoticeQuerySet(Administered["OrthancNotice"]):
    """What Orthancs told, by practice."""

    practice_path = "orthanc__practice"


class OrthancNotice(models.Model):
    """One thing that an Orthanc has told, once for each delivery: it is committed before it is acknowledged."""

    orthanc = models.ForeignKey(Orthanc, verbose_name=_("orthanc"), on_delete=models.CASCADE, related_name="notices")
    delivery = models.CharField(
        verbose_name=_("delivery"),
        max_length=DELIVERY_LENGTH,
        help_text=_("Its own number for this; the same never twice."),
    )
    level = models.CharField(verbose_name=_("level"), max_length=10, choices=Level.choices)
    resource = models.CharField(
        verbose_name=_("resource"), max_length=RESOURCE_LENGTH, help_text=_("Orthanc's name for it.")
    )
    state = models.CharField(
        verbose_name=_("state"), max_length=10, choices=NoticeState.choices, default=NoticeState.WAITING
    )
    detail = models.CharField(
        verbose_name=_("detail"), max_length=TEXT_LENGTH, blank=True, help_text=_("What came of it, for a person.")
    )
    job = models.ForeignKey(
        Job, verbose_name=_("job"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    received_at = models.DateTimeField(verbose_name=_("received at"), default=timezone.now)
    ended_at = models.DateTimeField(verbose_name=_("ended at"), null=True, blank=True)

    objects = OrthancNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("notice of an Orthanc")
        verbose_name_plural = _("notices of Orthancs")
        constraints = [models.UniqueConstraint(fields=["orthanc", "delivery"], name="orthanc_notice_once")]
        indexes = [
            models.Index(fields=["orthanc", "level", "resource"], name="orthanc_notice_resource"),
            models.Index(fields=["state", "received_at"], name="orthanc_notice_state"),
            models.Index(fields=["orthanc", "-id"], name="orthanc_notice_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.resource}"
