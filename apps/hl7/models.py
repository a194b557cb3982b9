"""Who sends HL7 messages here, who tried to and is not known, and what became of each message."""

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import Row, ScopedQuerySet

NAME_LENGTH: Final = 60
# An HD (HL7 v2.9, 2.A.33) of MSH-3 or MSH-4; its namespace alone is compared.
HD_LENGTH: Final = 180
TEXT_LENGTH: Final = 250
CONTROL_ID_LENGTH: Final = 199
CHARSET_LENGTH: Final = 40
PROCEDURES_LENGTH: Final = 20_000

one_line = RegexValidator(r"\A[^\x00-\x1f\x7f]*\Z", _("Leave out tabs and line ends."))


class Administered(ScopedQuerySet[Row]):
    """Seen by who administers the practice."""

    permission = Permission.ADMINISTER


class SenderQuerySet(Administered["Sender"]):
    """Senders, by practice."""


class Sender(models.Model):
    """A system that sends messages to a practice: how it is known, and how what it says is to be understood.

    It is known by where it calls from, and by what it calls itself (MSH-3, MSH-4) where that is given. One whose
    certificate is given must present it, and so call by TLS.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="hl7_senders", verbose_name=_("practice")
    )
    name = models.CharField(
        _("name"), max_length=NAME_LENGTH, validators=[one_line], help_text=_("What people call it.")
    )
    is_active = models.BooleanField(
        _("switched on"), default=True, help_text=_("The messages of one that is not are refused.")
    )
    networks = models.CharField(
        _("networks"), max_length=TEXT_LENGTH,
        help_text=_("Where it calls from: addresses or networks such as 192.168.4.0/24, separated by spaces."),
    )  # fmt: skip
    application = models.CharField(
        _("sending application"), max_length=HD_LENGTH, blank=True, validators=[one_line],
        help_text=_("What it says in MSH-3. Left empty: anything."),
    )  # fmt: skip
    facility = models.CharField(
        _("sending facility"), max_length=HD_LENGTH, blank=True, validators=[one_line],
        help_text=_("What it says in MSH-4. Left empty: anything."),
    )  # fmt: skip
    certificate = models.TextField(
        _("certificate"), blank=True,
        help_text=_("Its certificate (PEM). With one, it must call by TLS and present this certificate."),
    )  # fmt: skip
    charset = models.CharField(
        _("character set"), max_length=CHARSET_LENGTH, blank=True,
        help_text=_("Of messages that say none in MSH-18, such as 8859/1. Left empty: UNICODE UTF-8."),
    )  # fmt: skip
    authority = models.CharField(
        _("assigning authority"), max_length=HD_LENGTH, blank=True, validators=[one_line],
        help_text=_("Whose patient IDs (PID-3, fourth component) are the practice's. Left empty: the first ID."),
    )  # fmt: skip
    procedures = models.TextField(
        _("procedures"), blank=True, max_length=PROCEDURES_LENGTH,
        help_text=_(
            "Its codes for what is to be done, one a line, each with the modality and, if it is always the same, the"
            " device's AE title: PANO PX PANORAMIC1."
        ),
    )  # fmt: skip
    passes_over = models.BooleanField(
        _("takes note of other messages"), default=False,
        help_text=_("Messages of kinds that are of no use here are accepted, and nothing is done with them."),
    )  # fmt: skip
    seen_at = models.DateTimeField(_("last message"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    objects = SenderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("HL7 sender")
        verbose_name_plural = _("HL7 senders")
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], name="hl7_sender_name",
                violation_error_message=_("This practice has a sender of this name already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from apps.hl7.validation import findings

        wrong: dict[str, list[str]] = {}
        for field, text in findings(self):
            wrong.setdefault(field, []).append(text)
        if wrong:
            raise ValidationError(wrong)


class StrangerQuerySet(Administered["Stranger"]):
    """Who called on a site of several practices is seen by who administers all of them."""


class Stranger(models.Model):
    """A system that sent messages and was refused, waiting for somebody to say whether it may."""

    practice = models.ForeignKey(
        Practice, null=True, blank=True, on_delete=models.CASCADE, related_name="hl7_strangers",
        verbose_name=_("practice"), help_text=_("Whom it wrote to, as far as that is clear."),
    )  # fmt: skip
    application = models.CharField(_("sending application"), max_length=HD_LENGTH, blank=True)
    facility = models.CharField(_("sending facility"), max_length=HD_LENGTH, blank=True)
    address = models.GenericIPAddressField(_("address"))
    reason = models.CharField(_("reason"), max_length=TEXT_LENGTH)
    calls = models.PositiveIntegerField(_("messages"), default=1)
    first_at = models.DateTimeField(_("first"), default=timezone.now)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    objects = StrangerQuerySet.as_manager()

    class Meta:
        ordering = ["-last_at"]
        verbose_name = _("unknown HL7 sender")
        verbose_name_plural = _("unknown HL7 senders")
        constraints = [
            models.UniqueConstraint(fields=["application", "facility", "address"], name="hl7_stranger_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application or self.facility or '?'}, {self.address}"


class MessageState(models.TextChoices):
    """What became of a message."""

    TAKEN = "taken", _("Taken")
    PASSED = "passed", _("Nothing to do")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed here")


class MessageQuerySet(Administered["Message"]):
    """Messages, by practice."""


class Message(models.Model):
    """One message of a sender, and how it was answered; answered the same when it comes again.

    `content` is kept of those that were not taken, sealed by apps.core.sealed, to be looked at and tried again.
    """

    practice = models.ForeignKey(
        Practice, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("practice")
    )
    sender = models.ForeignKey(
        Sender, on_delete=models.CASCADE, related_name="messages", db_index=False, verbose_name=_("sender")
    )
    control_id = models.CharField(_("control ID"), max_length=CONTROL_ID_LENGTH, blank=True)
    # SHA-256 of all but its header, in hexadecimal digits.
    digest = models.CharField(max_length=64, editable=False)
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    version = models.CharField(_("version"), max_length=10, blank=True)
    charset = models.CharField(_("character set"), max_length=CHARSET_LENGTH, blank=True)
    size = models.PositiveIntegerField(_("bytes"))
    state = models.CharField(_("state"), max_length=8, choices=MessageState.choices)
    answer = models.CharField(_("answer"), max_length=2)
    condition = models.PositiveSmallIntegerField(_("error code"), null=True, blank=True)
    place = models.CharField(_("where"), max_length=40, blank=True)
    detail = models.CharField(_("what was wrong"), max_length=TEXT_LENGTH, blank=True)
    outcome = models.CharField(_("what came of it"), max_length=TEXT_LENGTH, blank=True)
    attempts = models.PositiveIntegerField(_("times received"), default=1)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    content = models.TextField(editable=False, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("HL7 message")
        verbose_name_plural = _("HL7 messages")
        constraints = [
            models.UniqueConstraint(fields=["sender", "control_id", "digest"], name="hl7_message_once"),
        ]
        indexes = [
            models.Index(fields=["practice", "-received_at"], name="hl7_message_received"),
            models.Index(fields=["received_at"], name="hl7_message_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.control_id}"
