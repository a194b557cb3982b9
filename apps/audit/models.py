"""The record of who did what: rows are added and never changed."""

from django.db import models


class Event(models.Model):
    """One audited action (PS3.15 A.5), without patient names: what was touched is named by UID."""

    class Action(models.TextChoices):
        IMPORT = "import", "Instances stored"
        ACCESS = "access", "Instances accessed"
        QUERY = "query", "Query"
        DELETE = "delete", "Deleted"
        REFUSE = "refuse", "Instances refused"
        QUARANTINE = "quarantine", "Quarantine decided"

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    action = models.CharField(max_length=16, choices=Action.choices)
    actor = models.CharField(max_length=150, help_text="User name, AE title or the part of the server that acted.")
    practice = models.ForeignKey("accounts.Practice", null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=64, blank=True, help_text="The way in: STOW-RS, import, admin.")
    study_instance_uid = models.CharField(max_length=64, blank=True, db_index=True)
    count = models.PositiveIntegerField(default=1, help_text="How many instances it concerns.")
    detail = models.CharField(max_length=250, blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"
