"""What scores mean for the person that they are of, as the summary keeps it: categories, percentiles, a risk."""

from collections.abc import Mapping
from typing import Any

from apps.calcium.models import ReferenceTable
from apps.calcium.people import Known
from apps.calcium.scoring import categories, risk
from apps.calcium.scoring.vessels import Vessel
from apps.calcium.tables import standings
from apps.core.serializers import camel


def meaning(scores: Mapping[str, Mapping[str, Any]], agatston: float, known: Known) -> dict[str, Any]:
    """The part of the summary. `scores` are by vessel, `agatston` is that of all of them."""
    by_vessel = {Vessel(vessel): float(each["agatston"]) for vessel, each in scores.items()}
    return {
        "category": categories.category(agatston),
        "cacDrs": categories.cac_drs(agatston, by_vessel),
        "person": {"age": known.age, "sex": known.sex, "ethnicity": known.ethnicity},
        "percentiles": _percentiles(agatston, known),
        "risk": {
            "percent": known.ten_years(agatston),
            "missing": [camel(name) for name in known.missing],
            "source": risk.SOURCE,
        },
    }


def _percentiles(agatston: float, known: Known) -> dict[str, Any]:
    """Where the score stands by each table, and else `why` that isn't known."""
    if known.age is None or known.sex is None:
        return {"found": [], "why": "no-person"}
    if not ReferenceTable.objects.exists():
        return {"found": [], "why": "no-table"}
    places = standings(agatston, sex=known.sex, age=known.age, ethnicity=known.ethnicity)
    found = [
        {
            "table": table.name,
            "citation": table.citation,
            "sha256": table.sha256,
            "least": place.least,
            "below": place.below,
            "ageFrom": place.group.age_from,
            "ageTo": place.group.age_to,
            "ethnicity": place.group.ethnicity,
        }
        for table, place in places
    ]
    return {"found": found, "why": "" if found else "no-group"}
