"""The nodes that this site knows: its own application entities, other people's, and callers that nobody knows yet."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import Row, ScopedQuerySet
from apps.archive.outcomes import DuplicatePolicy
from apps.jobs.models import Job

AE_TITLE_LENGTH = 16
TEXT_LENGTH = 200
# PS3.5 6.2: no backslash, no control characters, not only spaces.
ae_title = RegexValidator(r"\A(?! )[ -\[\]-~]{1,16}(?<! )\Z", "An AE title has 1 to 16 ASCII characters, no backslash.")
port = [MinValueValidator(1), MaxValueValidator(65535)]


class Protocol(models.TextChoices):
    DIMSE = "dimse", "DICOM network (DIMSE)"
    DICOMWEB = "dicomweb", "DICOMweb"


class Service(models.TextChoices):
    """What a remote may ask for here."""

    ECHO = "echo", "C-ECHO"
    STORE = "store", "C-STORE"
    FIND = "find", "C-FIND"
    MOVE = "move", "C-MOVE"
    GET = "get", "C-GET"
    WORKLIST = "worklist", "Modality Worklist"


class Administered(ScopedQuerySet[Row]):
    """Seen by who administers the practice."""

    permission = Permission.ADMINISTER


class ApplicationEntityQuerySet(Administered["ApplicationEntity"]):
    """AE titles, by practice."""


class ApplicationEntity(models.Model):
    """An AE title of this server: whoever calls it reaches its practice."""

    title = models.CharField(max_length=AE_TITLE_LENGTH, unique=True, validators=[ae_title])
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="application_entities")

    objects = ApplicationEntityQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = "AE title of this server"
        verbose_name_plural = "AE titles of this server"

    def __str__(self) -> str:
        return self.title


class RemoteQuerySet(ScopedQuerySet["Remote"]):
    """Staff see the remotes that they may send to or fetch from; who administers sees them too."""

    permission = Permission.ADMINISTER


class Remote(models.Model):
    """Another node of a practice: where it is, how it is talked to, and what it may do here.

    A node is known by its AE title and by where it calls from: `networks`, or else the address of `host`. One whose
    certificate is given must present it, and so call by TLS.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="remotes")
    name = models.CharField(max_length=60, help_text="What people call it, such as Panoramic X-ray, room 2.")
    protocol = models.CharField(max_length=10, choices=Protocol.choices, default=Protocol.DIMSE)
    is_active = models.BooleanField(
        "switched on", default=True, help_text="One that is not is neither answered nor called."
    )

    title = models.CharField("AE title", max_length=AE_TITLE_LENGTH, blank=True, validators=[ae_title])
    host = models.CharField(max_length=253, blank=True, help_text="Its address or name, where this server calls it.")
    port = models.PositiveIntegerField(null=True, blank=True, validators=port)
    networks = models.CharField(
        max_length=TEXT_LENGTH, blank=True,
        help_text="Where it may call from: addresses or networks such as 192.168.4.0/24, separated by spaces. "
        "Left empty: only from the address of its host.",
    )  # fmt: skip
    uses_tls = models.BooleanField("by TLS", default=False, help_text="This server calls it by TLS.")
    certificate = models.TextField(
        blank=True, help_text="Its certificate (PEM). With one, it must call by TLS and present this certificate."
    )
    requires_user = models.BooleanField(
        "asks for a user",
        default=False,
        help_text="It must say which user is at it (user name and password, or a token).",
    )

    url = models.URLField("DICOMweb address", blank=True, help_text="For DICOMweb: the service's root.")
    username = models.CharField(max_length=150, blank=True)
    # Sealed by apps.core.sealed; never shown.
    secret = models.TextField(blank=True, editable=False)

    may_echo = models.BooleanField("C-ECHO", default=True)
    may_store = models.BooleanField("C-STORE", default=False, help_text="Send objects here.")
    may_find = models.BooleanField("C-FIND", default=False, help_text="Search here.")
    may_move = models.BooleanField("C-MOVE", default=False, help_text="Have objects sent, to itself or others known.")
    may_get = models.BooleanField("C-GET", default=False, help_text="Fetch objects.")
    may_worklist = models.BooleanField("Worklist", default=False, help_text="Ask for the modality worklist.")
    duplicates = models.CharField(
        max_length=10, blank=True, choices=[(policy.value, policy.value) for policy in DuplicatePolicy],
        help_text="What becomes of other content under a known UID; left empty: what the site does.",
    )  # fmt: skip
    transfer_syntaxes = models.CharField(
        max_length=TEXT_LENGTH * 5, blank=True,
        help_text="The UIDs of the transfer syntaxes it is sent, the preferred ones first, separated by spaces. "
        "Left empty: as stored where it takes that, else uncompressed.",
    )  # fmt: skip

    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it last called.")
    echoed_at = models.DateTimeField(null=True, blank=True, editable=False)
    echo_ms = models.FloatField(null=True, blank=True, editable=False)
    echo_error = models.CharField(max_length=TEXT_LENGTH, blank=True, editable=False)

    objects = RemoteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="remote_name",
                violation_error_message="This practice has a remote of this name already.",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["title"], name="remote_title")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from apps.remotes.validation import findings

        wrong: dict[str, list[str]] = {}
        for field, text in findings(self):
            wrong.setdefault(field, []).append(text)
        if wrong:
            raise ValidationError(wrong)

    def may(self, service: Service) -> bool:
        return bool(getattr(self, f"may_{service.value}"))


class UnknownCallerQuerySet(Administered["UnknownCaller"]):
    """Who called no practice is seen by who administers all of them."""


class UnknownCaller(models.Model):
    """A node that called and was refused, waiting for somebody to say whether it may."""

    practice = models.ForeignKey(
        Practice, null=True, blank=True, on_delete=models.CASCADE, related_name="unknown_callers",
        help_text="Whose AE title it called; none where it called one that there isn't.",
    )  # fmt: skip
    calling = models.CharField("calling AE title", max_length=AE_TITLE_LENGTH)
    called = models.CharField("called AE title", max_length=AE_TITLE_LENGTH)
    address = models.GenericIPAddressField()
    reason = models.CharField(max_length=TEXT_LENGTH)
    calls = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    objects = UnknownCallerQuerySet.as_manager()

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["calling", "called", "address"], name="unknown_caller_once"),
        ]

    def __str__(self) -> str:
        return f"{self.calling} from {self.address}"


class Delivered(models.Model):
    """An instance that a remote has confirmed within a job: another attempt does not send it again."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    sop_instance_uid = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "sop_instance_uid"], name="delivered_once")]

    def __str__(self) -> str:
        return self.sop_instance_uid
