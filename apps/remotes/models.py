"""The nodes that this site knows: its own application entities, other people's, and callers that nobody knows yet."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import Row, ScopedQuerySet
from apps.archive.outcomes import DuplicatePolicy
from apps.core.languages import translated
from apps.jobs.models import Job

AE_TITLE_LENGTH = 16
TEXT_LENGTH = 200
# PS3.5 6.2: no backslash, no control characters, not only spaces.
ae_title = RegexValidator(r"\A(?! )[ -\[\]-~]{1,16}(?<! )\Z", "An AE title has 1 to 16 ASCII characters, no backslash.")
port = [MinValueValidator(1), MaxValueValidator(65535)]


class Protocol(models.TextChoices):
    DIMSE = "dimse", _("DICOM network (DIMSE)")
    DICOMWEB = "dicomweb", _("DICOMweb")


class Service(models.TextChoices):
    """What a remote may ask for here."""

    ECHO = "echo", _("C-ECHO")
    STORE = "store", _("C-STORE")
    FIND = "find", _("C-FIND")
    MOVE = "move", _("C-MOVE")
    GET = "get", _("C-GET")
    WORKLIST = "worklist", _("Modality Worklist")


class Administered(ScopedQuerySet[Row]):
    """Seen by who administers the practice."""

    permission = Permission.ADMINISTER


class ApplicationEntityQuerySet(Administered["ApplicationEntity"]):
    """AE titles, by practice."""


class ApplicationEntity(models.Model):
    """An AE title of this server: whoever calls it reaches its practice."""

    title = models.CharField(verbose_name=_("title"), max_length=AE_TITLE_LENGTH, unique=True, validators=[ae_title])
    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="application_entities"
    )

    objects = ApplicationEntityQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("AE title of this server")
        verbose_name_plural = _("AE titles of this server")

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

    practice = models.ForeignKey(Practice, verbose_name=_("practice"), on_delete=models.CASCADE, related_name="remotes")
    name = models.CharField(
        verbose_name=_("name"), max_length=60, help_text=_("What people call it, such as Panoramic X-ray, room 2.")
    )
    protocol = models.CharField(
        verbose_name=_("protocol"), max_length=10, choices=Protocol.choices, default=Protocol.DIMSE
    )
    is_active = models.BooleanField(
        _("switched on"), default=True, help_text=_("One that is not is neither answered nor called.")
    )

    title = models.CharField(_("AE title"), max_length=AE_TITLE_LENGTH, blank=True, validators=[ae_title])
    host = models.CharField(
        verbose_name=_("host"),
        max_length=253,
        blank=True,
        help_text=_("Its address or name, where this server calls it."),
    )
    port = models.PositiveIntegerField(verbose_name=_("port"), null=True, blank=True, validators=port)
    networks = models.CharField(
        verbose_name=_("networks"),
        max_length=TEXT_LENGTH,
        blank=True,
        help_text=_(
            "Where it may call from: addresses or networks such as 192.168.4.0/24, separated by spaces. "
            "Left empty: only from the address of its host."
        ),
    )
    uses_tls = models.BooleanField(_("by TLS"), default=False, help_text=_("This server calls it by TLS."))
    certificate = models.TextField(
        verbose_name=_("certificate"),
        blank=True,
        help_text=_("Its certificate (PEM). With one, it must call by TLS and present this certificate."),
    )
    requires_user = models.BooleanField(
        _("asks for a user"),
        default=False,
        help_text=_("It must say which user is at it (user name and password, or a token)."),
    )

    url = models.URLField(_("DICOMweb address"), blank=True, help_text=_("For DICOMweb: the service's root."))
    username = models.CharField(verbose_name=_("username"), max_length=150, blank=True)
    # Sealed by apps.core.sealed; never shown.
    secret = models.TextField(verbose_name=_("secret"), blank=True, editable=False)

    may_echo = models.BooleanField(_("C-ECHO"), default=True)
    may_store = models.BooleanField(_("C-STORE"), default=False, help_text=_("Send objects here."))
    may_find = models.BooleanField(_("C-FIND"), default=False, help_text=_("Search here."))
    may_move = models.BooleanField(
        _("C-MOVE"), default=False, help_text=_("Have objects sent, to itself or others known.")
    )
    may_get = models.BooleanField(_("C-GET"), default=False, help_text=_("Fetch objects."))
    may_worklist = models.BooleanField(_("Worklist"), default=False, help_text=_("Ask for the modality worklist."))
    duplicates = models.CharField(
        verbose_name=_("duplicates"),
        max_length=10,
        blank=True,
        choices=[(policy.value, policy.value) for policy in DuplicatePolicy],
        help_text=_("What becomes of other content under a known UID; left empty: what the site does."),
    )
    transfer_syntaxes = models.CharField(
        verbose_name=_("transfer syntaxes"),
        max_length=TEXT_LENGTH * 5,
        blank=True,
        help_text=_(
            "The UIDs of the transfer syntaxes it is sent, the preferred ones first, separated by spaces. "
            "Left empty: as stored where it takes that, else uncompressed."
        ),
    )

    seen_at = models.DateTimeField(
        verbose_name=_("seen at"), null=True, blank=True, editable=False, help_text=_("When it last called.")
    )
    echoed_at = models.DateTimeField(verbose_name=_("echoed at"), null=True, blank=True, editable=False)
    echo_ms = models.FloatField(verbose_name=_("echo ms"), null=True, blank=True, editable=False)
    echo_error = models.CharField(verbose_name=_("echo error"), max_length=TEXT_LENGTH, blank=True, editable=False)

    objects = RemoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("remote")
        verbose_name_plural = _("remotes")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"],
                name="remote_name",
                violation_error_message=_("This practice has a remote of this name already."),
            )
        ]
        indexes = [models.Index(fields=["title"], name="remote_title")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from apps.remotes.validation import findings

        wrong: dict[str, list[str]] = {}
        for field, text in findings(self):
            wrong.setdefault(field, []).append(translated(text))
        if wrong:
            raise ValidationError(wrong)

    def may(self, service: Service) -> bool:
        return bool(getattr(self, f"may_{service.value}"))


class UnknownCallerQuerySet(Administered["UnknownCaller"]):
    """Who called no practice is seen by who administers all of them."""


class UnknownCaller(models.Model):
    """A node that called and was refused, waiting for somebody to say whether it may."""

    practice = models.ForeignKey(
        Practice,
        verbose_name=_("practice"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="unknown_callers",
        help_text=_("Whose AE title it called; none where it called one that there isn't."),
    )
    calling = models.CharField(_("calling AE title"), max_length=AE_TITLE_LENGTH)
    called = models.CharField(_("called AE title"), max_length=AE_TITLE_LENGTH)
    address = models.GenericIPAddressField(verbose_name=_("address"))
    reason = models.CharField(verbose_name=_("reason"), max_length=TEXT_LENGTH)
    calls = models.PositiveIntegerField(verbose_name=_("calls"), default=1)
    first_at = models.DateTimeField(verbose_name=_("first at"), default=timezone.now)
    last_at = models.DateTimeField(verbose_name=_("last at"), default=timezone.now)

    objects = UnknownCallerQuerySet.as_manager()

    class Meta:
        verbose_name = _("unknown caller")
        verbose_name_plural = _("unknown callers")
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["calling", "called", "address"], name="unknown_caller_once"),
        ]

    def __str__(self) -> str:
        return gettext("%(title)s from %(address)s") % {"title": self.calling, "address": self.address}


class Delivered(models.Model):
    """An instance that a remote has confirmed within a job: another attempt does not send it again."""

    job = models.ForeignKey(Job, verbose_name=_("job"), on_delete=models.CASCADE, related_name="+")
    sop_instance_uid = models.CharField(verbose_name=_("SOP Instance UID"), max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "sop_instance_uid"], name="delivered_once")]

    def __str__(self) -> str:
        return self.sop_instance_uid
