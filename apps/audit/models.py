"""The record of who did what: rows are added to it, each chained to the one before, and never changed."""

from django.db import models

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

        START = "start", "Application started"
        STOP = "stop", "Application stopped"
        SIGN_IN = "sign-in", "Signed in"
        SIGN_IN_REFUSED = "sign-in-refused", "Sign-in refused"
        SIGN_OUT = "sign-out", "Signed out"
        LOCKOUT = "lockout", "Too many attempts"
        DENIED = "denied", "Access denied"
        NODE_REFUSED = "node-refused", "Unknown device refused"
        OUTSIDE = "outside", "Superuser outside its practices"
        EMERGENCY_START = "emergency-start", "Emergency access started"
        EMERGENCY_END = "emergency-end", "Emergency access ended"
        IMPORT = "import", "Instances stored"
        REFUSE = "refuse", "Instances refused"
        QUARANTINE = "quarantine", "Quarantine decided"
        ACCESS = "access", "Instances accessed"
        QUERY = "query", "Query"
        EXPORT = "export", "Exported"
        SEND = "send", "Sent to another system"
        DELETE = "delete", "Deleted"
        MERGE = "merge", "Patients merged"
        UNMERGE = "unmerge", "Merge undone"
        EDIT = "edit", "Data corrected"
        MOVE = "move", "Study moved to another patient"
        LABEL = "label", "Labels changed"
        SHARE = "share", "Share made"
        SHARE_REVOKED = "share-revoked", "Share revoked"
        SHARE_OPENED = "share-opened", "Share opened"
        ACCESS_ASKED = "access-asked", "Access asked for"
        ACCESS_DECIDED = "access-decided", "Access request decided"
        RIGHTS = "rights", "Rights changed"
        ACCOUNT = "account", "Account changed"
        SCHEDULE = "schedule", "Appointment changed"
        LEAD = "lead", "Lead changed"
        MATCH = "match", "Match decided"
        ERASE = "erase", "Person erased"
        CONFIGURATION = "configuration", "Configuration changed"
        LOG_USED = "log-used", "Record used"

    class Outcome(models.IntegerChoices):
        """EventOutcomeIndicator (PS3.15 A.5.2.1)."""

        SUCCESS = 0, "Success"
        MINOR_FAILURE = 4, "Minor failure"
        SERIOUS_FAILURE = 8, "Serious failure"
        MAJOR_FAILURE = 12, "Major failure"

    at = models.DateTimeField(help_text="When it happened, or began.")
    until = models.DateTimeField(null=True, help_text="When the last of several happened that are counted together.")
    action = models.CharField(max_length=24, choices=Action.choices)
    outcome = models.PositiveSmallIntegerField(choices=Outcome.choices, default=Outcome.SUCCESS)
    actor = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="User name, AE title or the part of the server that acted."
    )
    on_behalf_of = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="Who asked for what a worker did.")
    address = models.CharField(max_length=64, blank=True, help_text="From where: IP address or AE title.")
    via = models.CharField(
        max_length=64, blank=True, help_text="How they came in: session, Basic, a token's first characters, share link."
    )
    # The index that begins with it serves.
    practice = models.ForeignKey(Practice, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=64, blank=True, help_text="The way in: STOW-RS, import, admin.")
    study_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True, verbose_name="Study Instance UID")
    patient = models.CharField(max_length=32, blank=True, help_text="A pseudonym (apps.audit.patients), never a name.")
    count = models.PositiveIntegerField(default=1, help_text="How many instances, rows or attempts it concerns.")
    detail = models.CharField(max_length=TEXT_LENGTH, blank=True)
    reason = models.CharField(
        max_length=TEXT_LENGTH, blank=True, help_text="Why: of emergency access, of a share with its recipient."
    )
    request_id = models.CharField(max_length=36, blank=True)
    sequence = models.BigIntegerField(help_text="Its place in the practice's chain, from 1.")
    prev_hash = models.CharField(max_length=HASH_LENGTH, help_text="The hash of the event before it in the chain.")
    hash = models.CharField(max_length=HASH_LENGTH, help_text="Over all of the above (apps.audit.chain).")

    objects = EventQuerySet.as_manager()

    class Meta:
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
        return f"{self.get_action_display()} by {self.actor or 'somebody'}"


class Head(models.Model):
    """The end of a chain. Writers of the chain wait for one another here."""

    chain = models.BigIntegerField(primary_key=True, help_text="The practice's key; 0 for what belongs to none.")
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    seal = models.CharField(max_length=HASH_LENGTH, help_text="Keyed hash of the above.")

    def __str__(self) -> str:
        return f"chain {self.chain} at {self.sequence}"


class Pending(models.Model):
    """Reads that are still being counted together; they become an event when they pause."""

    key = models.CharField(max_length=HASH_LENGTH, primary_key=True, help_text="Hash of the entry.")
    entry = models.TextField(help_text="What they have in common, JSON.")
    count = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "pending"

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at}"


class Delivery(models.Model):
    """How far the record has been sent to a collector."""

    destination = models.CharField(max_length=TEXT_LENGTH)
    chain = models.BigIntegerField(help_text="The practice's key; 0 for what belongs to none.")
    sequence = models.BigIntegerField(default=0, help_text="The last event that was taken.")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["destination", "chain"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.destination} {self.chain}: {self.sequence}"
