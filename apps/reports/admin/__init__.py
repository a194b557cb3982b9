"""Reports in the admin. Each part adds its pages here."""

from apps.reports.admin.critical import CriticalFindingAdmin
from apps.reports.admin.letterheads import LetterheadAdmin
from apps.reports.admin.phrases import PhraseAdmin
from apps.reports.admin.reports import ReportAdmin
from apps.reports.admin.signing import DistributionAdmin, SignatoryAdmin, SigningCertificateAdmin
from apps.reports.admin.templates import ReportTemplateAdmin
from apps.reports.admin.waiting import StudyToReportAdmin

__all__ = [
    "CriticalFindingAdmin",
    "DistributionAdmin",
    "LetterheadAdmin",
    "PhraseAdmin",
    "ReportAdmin",
    "ReportTemplateAdmin",
    "SignatoryAdmin",
    "SigningCertificateAdmin",
    "StudyToReportAdmin",
]
