"""Between people's words and DICOM's: names as `Doe, Jane`, dates of birth, AE titles of devices by their names."""

from datetime import date

from django.utils.translation import gettext

from apps.dicom.spoken import spoken_name
from apps.remotes.models import Remote


def pn_of(text: str, known: str = "") -> str:
    """A PN (PS3.5 6.2.1) of `Doe, Jane`; `known` as it is, with all its groups, where that is how it is spoken."""
    if known and spoken_name(known) == text.strip():
        return known
    family, _, given = text.partition(",")
    return "^".join((family.strip(), given.strip())).rstrip("^")


def full_name(family: str, given: str, known: str = "") -> str:
    """A PN of a family and a given name; what `known` has besides (middle name, other groups) stays."""
    alphabetic, *groups = known.split("=")
    components = [*alphabetic.split("^"), "", ""]
    components[:2] = [family.strip(), given.strip()]
    return "=".join(["^".join(components).rstrip("^"), *groups])


def name_parts(name: str) -> tuple[str, str]:
    """The family and the given name of a PN."""
    family, given, *_ = [*name.partition("=")[0].split("^"), ""]
    return family, given


def day_of(text: str) -> date | None:
    """The day that a DA (PS3.5 6.2) names; None for what is none."""
    try:
        return date.fromisoformat(text) if len(text) == 8 and text.isdigit() else None
    except ValueError:
        return None


def devices(practice_ids: list[int]) -> dict[str, str]:
    """The names of the practices' devices by their AE titles, the first of those that share one."""
    rows = Remote.objects.filter(practice__in=practice_ids, is_active=True).exclude(title="").order_by("-name")
    return dict(rows.values_list("title", "name"))


def station_of(titles: str, known: dict[str, str]) -> str:
    """What people call the devices of a step."""
    return ", ".join(known.get(title, title) for title in titles.split("\\") if title) or gettext("Any device")
