"""The record of who did what: rows are added to it, each chained to the one before, and never changed."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoping import ScopedQuerySet

UID_LENGTH = 64
NAME_LENGTH = 150
TEXT_LENGTH = 250
HASH_LENGTH = 64


class EventQuerySet(ScopedQuerySet["Event"]):
    """What belongs to no practice is for superusers alone."""

    permission = Permission.AUDIT


class Event(models.Model):
    """One audited action (PS3.15 A.5), without patient names: what was touched is named by UID and pseudonym."""

    class Action(models.TextChoices):
        """What happened; `apps.audit.codes` has the standard's codes of each."""

        START = "start", _("Application started")
        STOP = "stop", _("Application stopped")
        SIGN_IN = "sign-in", _("Signed in")
        SIGN_IN_REFUSED = "sign-in-refused", _("Sign-in refused")
        SIGN_OUT = "sign-out", _("Signed out")
        LOCKOUT = "lockout", _("Too many attempts")
        DENIED = "denied", _("Access denied")
        NODE_REFUSED = "node-refused", _("Unknown device refused")
        OUTSIDE = "outside", _("Superuser outside its practices")
        EMERGENCY_START = "emergency-start", _("Emergency access started")
        EMERGENCY_END = "emergency-end", _("Emergency access ended")
        IMPORT = "import", _("Instances stored")
        REFUSE = "refuse", _("Instances refused")
        QUARANTINE = "quarantine", _("Quarantine decided")
        ACCESS = "access", _("Instances accessed")
        QUERY = "query", _("Query")
        EXPORT = "export", _("Exported")
        SEND = "send", _("Sent to another system")
        DELETE = "delete", _("Deleted")
        MERGE = "merge", _("Patients merged")
        UNMERGE = "unmerge", _("Merge undone")
        EDIT = "edit", _("Data corrected")
        MOVE = "move", _("Study moved to another patient")
        LABEL = "label", _("Labels changed")
        SHARE = "share", _("Share made")
        SHARE_REVOKED = "share-revoked", _("Share revoked")
        SHARE_OPENED = "share-opened", _("Share opened")
        ACCESS_ASKED = "access-asked", _("Access asked for")
        ACCESS_DECIDED = "access-decided", _("Access request decided")
        RIGHTS = "rights", _("Rights changed")
        ACCOUNT = "account", _("Account changed")
        SCHEDULE = "schedule", _("Appointment changed")
        LEAD = "lead", _("Lead changed")
        MATCH = "match", _("Match decided")
        ERASE = "erase", _("Person erased")
        CONFIGURATION = "configuration", _("Configuration changed")
        LOG_USED = "log-used", _("Record used")

    class Outcome(models.IntegerChoices):
        """EventOutcomeIndicator (PS3.15 A.5.2.1)."""

        SUCCESS = 0, _("Success")
        MINOR_FAILURE = 4, _("Minor failure")
        SERIOUS_FAILURE = 8, _("Serious failure")
        MAJOR_FAILURE = 12, _("Major failure")

    at = models.DateTimeField(verbose_name=_("at"), help_text=_("When it happened, or began."))
    until = models.DateTimeField(
        verbose_name=_("until"), null=True, help_text=_("When the last of several happened that are counted together.")
    )
    action = models.CharField(verbose_name=_("action"), max_length=24, choices=Action.choices)
    outcome = models.PositiveSmallIntegerField(
        verbose_name=_("outcome"), choices=Outcome.choices, default=Outcome.SUCCESS
    )
    actor = models.CharField(
        verbose_name=_("actor"),
        max_length=NAME_LENGTH,
        blank=True,
        help_text=_("User name, AE title or the part of the server that acted."),
    )
    on_behalf_of = models.CharField(
        verbose_name=_("on behalf of"),
        max_length=NAME_LENGTH,
        blank=True,
        help_text=_("Who asked for what a worker did."),
    )
    address = models.CharField(
        verbose_name=_("address"), max_length=64, blank=True, help_text=_("From where: IP address or AE title.")
    )
    via = models.CharField(
        verbose_name=_("via"),
        max_length=64,
        blank=True,
        help_text=_("How they came in: session, Basic, a token's first characters, share link."),
    )
    # The index that begins with it serves.
    practice = models.ForeignKey(
        Practice, verbose_name=_("practice"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(
        verbose_name=_("source"), max_length=64, blank=True, help_text=_("The way in: STOW-RS, import, admin.")
    )
    study_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True, verbose_name=_("Study Instance UID"))
    patient = models.CharField(
        verbose_name=_("patient"),
        max_length=32,
        blank=True,
        help_text=_("A pseudonym (apps.audit.patients), never a name."),
    )
    count = models.PositiveIntegerField(
        verbose_name=_("count"), default=1, help_text=_("How many instances, rows or attempts it concerns.")
    )
    detail = models.CharField(verbose_name=_("detail"), max_length=TEXT_LENGTH, blank=True)
    reason = models.CharField(
        verbose_name=_("reason"),
        max_length=TEXT_LENGTH,
        blank=True,
        help_text=_("Why: of emergency access, of a share with its recipient."),
    )
    request_id = models.CharField(verbose_name=_("request ID"), max_length=36, blank=True)
    sequence = models.BigIntegerField(
        verbose_name=_("sequence"), help_text=_("Its place in the practice's chain, from 1.")
    )
    prev_hash = models.CharField(
        verbose_name=_("prev hash"),
        max_length=HASH_LENGTH,
        help_text=_("The hash of the event before it in the chain."),
    )
    hash = models.CharField(
        verbose_name=_("hash"), max_length=HASH_LENGTH, help_text=_("Over all of the above (apps.audit.chain).")
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "sequence"], name="event_once"),
            models.UniqueConstraint(fields=["sequence"], condition=models.Q(practice=None), name="site_event_once"),
        ]
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["study_instance_uid"], name="event_study"),
            models.Index(fields=["patient"], name="event_patient"),
            models.Index(fields=["actor"], name="event_actor"),
        ]

    def __str__(self) -> str:
        facts = {"what": self.get_action_display(), "actor": self.actor or gettext("somebody")}
        return gettext("%(what)s by %(actor)s") % facts


class Head(models.Model):
    """The end of a chain. Writers of the chain wait for one another here."""

    chain = models.BigIntegerField(
        verbose_name=_("chain"), primary_key=True, help_text=_("The practice's key; 0 for what belongs to none.")
    )
    sequence = models.BigIntegerField(verbose_name=_("sequence"))
    hash = models.CharField(verbose_name=_("hash"), max_length=HASH_LENGTH)
    seal = models.CharField(verbose_name=_("seal"), max_length=HASH_LENGTH, help_text=_("Keyed hash of the above."))

    def __str__(self) -> str:
        return f"chain {self.chain} at {self.sequence}"


class Pending(models.Model):
    """Reads that are still being counted together; they become an event when they pause."""

    key = models.CharField(
        verbose_name=_("key"), max_length=HASH_LENGTH, primary_key=True, help_text=_("Hash of the entry.")
    )
    entry = models.TextField(verbose_name=_("entry"), help_text=_("What they have in common, JSON."))
    count = models.PositiveIntegerField(verbose_name=_("count"))
    began_at = models.DateTimeField(verbose_name=_("began at"))
    last_at = models.DateTimeField(verbose_name=_("last at"))

    class Meta:
        verbose_name_plural = _("pending")

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at}"


class Delivery(models.Model):
    """How far the record has been sent to a collector."""

    destination = models.CharField(verbose_name=_("destination"), max_length=TEXT_LENGTH)
    chain = models.BigIntegerField(
        verbose_name=_("chain"), help_text=_("The practice's key; 0 for what belongs to none.")
    )
    sequence = models.BigIntegerField(
        verbose_name=_("sequence"), default=0, help_text=_("The last event that was taken.")
    )

    class Meta:
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["destination", "chain"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.destination} {self.chain}: {self.sequence}"
