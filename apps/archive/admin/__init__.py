"""The archive in the admin: studies and what is below them, patients, quarantine, storage."""

from apps.archive.admin.levels import InstanceAdmin, SeriesAdmin
from apps.archive.admin.patients import PatientAdmin
from apps.archive.admin.quarantine import QuarantinedAdmin
from apps.archive.admin.studies import StudyAdmin

__all__ = ["InstanceAdmin", "PatientAdmin", "QuarantinedAdmin", "SeriesAdmin", "StudyAdmin"]
