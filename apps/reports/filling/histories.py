"""Earlier values of what was measured: of the same thing, in the patient's earlier studies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db.models import Q

from apps.accounts.principal import Principal
from apps.archive.models import Series, Study
from apps.measurements.models import Measurement
from apps.measurements.reports import read_all, unread
from apps.reports.content.document import Past
from apps.reports.filling.earlier import earlier_studies
from apps.reports.filling.rows import MOST_READ, What, what_of

# Of one thing, the newest; and rows that are looked at for all of them.
MOST_POINTS: Final = 10
MOST_VALUES: Final = 5000
_COLUMNS: Final = (
    "study_id", "value", "tracking_uid", "label", "finding_value", "finding_scheme", "site_value", "site_scheme",
    "concept_scheme", "concept_value", "derivation_scheme", "derivation_value", "unit_value",
)  # fmt: skip
# By its Tracking UID, or by its name: label, finding and site.
_Key = tuple[What, tuple[str, ...]]
# By study and key the values, newest first, with their Tracking UIDs.
_Values = Mapping[tuple[int, _Key], Sequence[tuple[str, float]]]


def histories_of(rows: Sequence[Measurement], study: Study, who: Principal) -> Mapping[int, tuple[Past, ...]]:
    """By the rows' keys their earlier values, the oldest first and ten at most; rows of `study` without any are left
    out.

    The same Tracking UID is the same thing. Else it is what has the same label, finding and site, where one thing alone
    has them in either study: of two nodules that are called the same nobody can say which is which.
    """
    studies = earlier_studies(study, who) if rows else []
    if not studies:
        return {}
    values = _values(rows, [study, *studies])
    found = {row.pk: tuple(_past(row, studies, values)) for row in rows}
    return {pk: pasts[:MOST_POINTS][::-1] for pk, pasts in found.items() if pasts}


def change_since(value: float, pasts: Sequence[Past]) -> float | None:
    """The change since the last of the earlier values in percent; None without any, or where that was 0."""
    if not pasts or not pasts[-1].value:
        return None
    return (value - pasts[-1].value) / abs(pasts[-1].value) * 100


def _past(row: Measurement, studies: Sequence[Study], values: _Values) -> Iterator[Past]:
    """From the newest study back."""
    tracked, named = (what_of(row), (row.tracking_uid,)), _name(row)
    is_told_apart = named is not None and _is_one(values.get((row.study_id, named), ()))
    for study in studies:
        same = values.get((study.pk, tracked)) if row.tracking_uid else None
        if same:
            yield Past(study.study_date, same[0][1])
        elif named is not None and is_told_apart and _is_one(called := values.get((study.pk, named), ())):
            yield Past(study.study_date, called[0][1])


def _is_one(called: Sequence[tuple[str, float]]) -> bool:
    """Whether values of the same name are of one thing: a single one, or all with the same Tracking UID."""
    return len(called) == 1 or (len({uid for uid, _ in called}) == 1 and bool(called[0][0]))


def _name(row: Measurement) -> _Key | None:
    """What a row is called; None for what was drawn in an image and has no name: it could be anything."""
    is_of_study = not row.sop_instance_uid and row.x is None
    if not (row.label or row.finding_value or row.site_value or is_of_study):
        return None
    return what_of(row), (row.label, row.finding_value, row.finding_scheme, row.site_value, row.site_scheme)


def _values(rows: Sequence[Measurement], studies: Sequence[Study]) -> _Values:
    """What these studies say of the rows' concepts. Bare values: objects would take ten times as long."""
    pks = [study.pk for study in studies]
    read_all(unread(Series.objects.filter(study__in=pks)).defer("found").order_by("pk")[:MOST_READ])
    concepts = {row.concept_value for row in rows}
    same = Q(concept_value__in=concepts)
    known = Measurement.objects.filter(same, study__in=pks).current().order_by("-measured_at", "-pk")
    found: defaultdict[tuple[int, _Key], list[tuple[str, float]]] = defaultdict(list)
    for study, value, uid, label, *codes in known.values_list(*_COLUMNS)[:MOST_VALUES]:
        what = tuple(codes[4:])
        found[study, (what, (label, *codes[:4]))].append((uid, value))
        if uid:
            found[study, (what, (uid,))].append((uid, value))
    return found
