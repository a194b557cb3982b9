"""Templates, reports and their history, signatures, what each person writes again and again, and what is critical."""

from apps.reports.models.critical import CriticalFinding, CriticalStep, Urgency
from apps.reports.models.distribution import Distribution
from apps.reports.models.letterheads import Letterhead
from apps.reports.models.phrases import Phrase
from apps.reports.models.reports import Presence, Report, Revision, Status
from apps.reports.models.signing import Signatory, Signature, SigningCertificate
from apps.reports.models.templates import ReportTemplate, TemplateVersion
from apps.reports.models.waiting import StudyToReport

__all__ = [
    "CriticalFinding",
    "CriticalStep",
    "Distribution",
    "Letterhead",
    "Phrase",
    "Presence",
    "Report",
    "ReportTemplate",
    "Revision",
    "Signatory",
    "Signature",
    "SigningCertificate",
    "Status",
    "StudyToReport",
    "TemplateVersion",
    "Urgency",
]
