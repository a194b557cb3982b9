"""What `manage.py check` says of reports."""

from typing import Any, Final

from django.conf import settings
from django.core import checks

from apps.reports.paper import no_fonts
from apps.reports.printing.fonts.folder import missing

NO_FONTS: Final = "reports.W001"


def fonts(**_: Any) -> list[checks.CheckMessage]:
    """A server without the fonts runs, but makes no PDF."""
    return [checks.Warning(no_fonts(name), id=NO_FONTS) for name in missing(settings.FONTS)[:1]]
