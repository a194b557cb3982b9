"""Reports of studies, their history, and who has one open."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.archive.models import TEXT_LENGTH, Study
from apps.archive.querysets import StudyScoped
from apps.core.errors import Conflict
from apps.reports.models.templates import TemplateVersion
from apps.saying import say


class Status(models.TextChoices):
    """Where a report is between its first word and its last signature.

    One that is being amended is still valid as it was signed last.
    """

    DRAFT = "draft", _("Draft")
    PRELIMINARY = "preliminary", _("Preliminary")
    FINAL = "final", _("Final")
    AMENDING = "amending", _("Being amended")
    AMENDED = "amended", _("Amended")


OPEN = frozenset({Status.DRAFT, Status.PRELIMINARY, Status.AMENDING})
SIGNED = frozenset({Status.FINAL, Status.AMENDING, Status.AMENDED})
# What a report says, and of what.
WRITTEN = frozenset({"content", "version", "study"})


class ReportQuerySet(StudyScoped["Report"]):
    practice_path = "study__practice"
    study_path = "study__"

    def with_study(self) -> "ReportQuerySet":
        """Read together with what is told beside each, without the study's long columns."""
        people = ("author", "reader", "changed_by")
        related = self.select_related("study__patient", "study__practice", "version__template", *people)
        return related.defer(
            "study__found", "study__original_found", "study__correction", "study__patient__demographics",
            "version__source",
        )  # fmt: skip

    def to_save(self) -> "ReportQuerySet":
        """Read with what saving asks for alone: it happens each second that somebody writes."""
        return self.select_related("study", "version").only(*_TO_SAVE)


_TO_SAVE = (
    "status", "revision", "content", "author", "changed_by", "version__digest", "version__template",
    "study__practice", "study__patient", "study__study_instance_uid",
)  # fmt: skip


class Report(models.Model):
    """A report of a study. `content` is `apps.reports.content.entries.Content` as JSON.

    `revision` is one more after each change: whoever saves says which one they have seen.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reports", verbose_name=_("study"))
    version = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, related_name="reports", verbose_name=_("version of a template")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    content = models.JSONField(_("content"), default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="reports_written",
        verbose_name=_("author"),
    )
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reports_to_read",
        verbose_name=_("reader"),
        help_text=_("Who is to finish and sign it."),
    )
    reason = models.CharField(_("reason for the amendment"), max_length=TEXT_LENGTH, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("changed by"),
    )
    preliminary_at = models.DateTimeField(_("preliminary since"), null=True, blank=True)
    signed_at = models.DateTimeField(_("first signed at"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="report_status"),
            models.Index(fields=["-changed_at", "-id"], name="report_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.version.template.title}, {self.get_status_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Conflict for what a signed report says: that is written by nobody."""
        written = set(kwargs.get("update_fields") or WRITTEN)
        if not self._state.adding and written & WRITTEN and self._is_closed():
            raise Conflict(say("This report is signed. Amend it to change it."))
        super().save(*args, **kwargs)

    def _is_closed(self) -> bool:
        """Whether the row is signed, whatever is held of it here."""
        return Report.objects.filter(pk=self.pk).exclude(status__in=OPEN).exists()

    @property
    def is_open(self) -> bool:
        """Whether its content may be changed."""
        return self.status in OPEN


class Revision(models.Model):
    """What a report said at a moment: one for each person at work and each change of its status; what the same person
    saves within minutes is one."""

    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="revisions", db_index=False, verbose_name=_("report")
    )
    number = models.PositiveIntegerField(_("number"), help_text=_("The report's revision that it is."))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    content = models.JSONField(_("content"))
    began_at = models.DateTimeField(
        _("began at"),
        null=True,
        blank=True,
        help_text=_("When the first of the savings came that it holds; empty for what nothing is added to any more."),
    )
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("revision of a report")
        verbose_name_plural = _("revisions of reports")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="report_revision_once")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.number}"


class Presence(models.Model):
    """Somebody who has a report open: the others are told."""

    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="presences", db_index=False, verbose_name=_("report")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    seen_at = models.DateTimeField(_("seen at"))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.report_id}"
