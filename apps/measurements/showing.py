"""Measurements in people's words: how much, of what, and who stands for it."""

from typing import Final

from django.utils.formats import localize
from django.utils.translation import gettext as _

from apps.measurements.content.units import unit_words
from apps.measurements.models import Measurement

# Of a value as it is shown; the API and the table give all digits.
DECIMALS: Final = 2


def amount(value: float, ucum: str) -> str:
    """A value with its unit, such as 12.35 mm² or 45°."""
    rounded = round(float(value), DECIMALS)
    number = str(localize(int(rounded) if rounded.is_integer() else rounded))
    unit = unit_words(ucum)
    return f"{number}{'' if unit in ('', '°') else ' '}{unit}"


def what_of(row: Measurement) -> str:
    """What was measured, such as Length, or Attenuation Coefficient · Mean."""
    return " · ".join(filter(None, (row.concept.said, row.derivation.said)))


def of_what(row: Measurement) -> str:
    """What it was measured of, in the words of whoever did."""
    named = dict.fromkeys(filter(None, (row.label, row.finding.said, row.site.said)))
    return " · ".join(named) or _("Without a name")


def standing(row: Measurement) -> tuple[str, str]:
    """Whether somebody stands for it: a code and the words."""
    if row.report.is_verified:
        return "verified", _("Verified")
    if row.report.is_machine_made:
        return "machine", _("Unverified, by a machine")
    return "person", _("By a person")
