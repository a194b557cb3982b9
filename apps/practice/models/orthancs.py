"""The Orthancs that practices trust to tell of what arrived at them, and what each of them has told."""

from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

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

    STUDY = "study", "Study"
    SERIES = "series", "Series"
    INSTANCE = "instance", "Instance"


class NoticeState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Fetched"
    GONE = "gone", "Not there any more"
    FAILED = "failed", "Given up"
    CANCELLED = "cancelled", "Cancelled"


class OrthancQuerySet(Administered["Orthanc"]):
    """Orthancs, by practice."""


class Orthanc(models.Model):
    """An Orthanc of a practice: where it is asked for what it has told of, and the secret by which it signs."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="orthancs")
    name = models.CharField(max_length=60, help_text="What people call it, such as Orthanc of the imaging centre.")
    is_active = models.BooleanField(
        "switched on", default=True, help_text="One that is not is neither believed nor called."
    )
    url = models.URLField(
        "address",
        help_text="Where its own web page is, such as http://192.168.4.30:8042. What it tells of is fetched from here "
        "and nowhere else.",
    )
    certificate = models.TextField(
        blank=True, help_text="Its certificate (PEM), where it has https:// with one that it signed itself."
    )
    username = models.CharField("user name", max_length=150, blank=True)
    # Both sealed by apps.core.sealed; the password never shown, the other once, when it is made.
    secret = models.TextField(blank=True, editable=False)
    signing_secret = models.TextField(blank=True, editable=False)
    source = models.CharField(max_length=2 * SOURCE_BYTES, unique=True, default=new_source, editable=False)
    networks = models.CharField(
        max_length=TEXT_LENGTH, blank=True,
        help_text="Where it may call from: addresses or networks such as 192.168.4.0/24, separated by spaces. Left "
        "empty: from anywhere, for each call is signed.",
    )  # fmt: skip
    follows = models.BooleanField(
        "catch up", default=True,
        help_text="Ask it each minute what has changed, so that a call that got lost loses nothing.",
    )  # fmt: skip

    # The number of the last of its changes (/changes) that was seen; none until it was first asked.
    last_change = models.BigIntegerField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it last called.")
    answered_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it last answered.")
    last_error = models.CharField(max_length=TEXT_LENGTH, blank=True, editable=False)
    error_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrthancQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "Orthanc"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="orthanc_name",
                violation_error_message="This practice has an Orthanc of this name already.",
            )
        ]  # fmt: skip

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

    orthanc = models.ForeignKey(Orthanc, on_delete=models.CASCADE, related_name="notices")
    delivery = models.CharField(max_length=DELIVERY_LENGTH, help_text="Its own number for this; the same never twice.")
    level = models.CharField(max_length=10, choices=Level.choices)
    resource = models.CharField(max_length=RESOURCE_LENGTH, help_text="Orthanc's name for it.")
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.WAITING)
    detail = models.CharField(max_length=TEXT_LENGTH, blank=True, help_text="What came of it, for a person.")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OrthancNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "notice of an Orthanc"
        verbose_name_plural = "notices of Orthancs"
        constraints = [models.UniqueConstraint(fields=["orthanc", "delivery"], name="orthanc_notice_once")]
        indexes = [
            models.Index(fields=["orthanc", "level", "resource"], name="orthanc_notice_resource"),
            models.Index(fields=["state", "received_at"], name="orthanc_notice_state"),
            models.Index(fields=["orthanc", "-id"], name="orthanc_notice_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.resource}"
