"""Searching for workitems (PS3.18 11.9, PS3.4 CC.2.8): SQL narrows by columns, attribute matching does the rest."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from apps.accounts.principal import Principal
from apps.archive.query.conditions import has_wildcard
from apps.core.errors import Invalid
from apps.dicom.attributes import text, values
from apps.dicom.dictionary import standard_vr
from apps.saying import say
from apps.worklist.matching import matcher
from apps.worklist.models.workitems import Workitem
from apps.worklist.workitems import names
from apps.worklist.workitems.names import Dataset
from apps.worklist.workitems.requirements import RETURNED

DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 5000
# How many workitems one search looks at.
MAX_SCANNED: Final = 50_000
_AT_ONCE: Final = 1000
_COLUMNS: Final = {names.STATE: "state", names.SOP_INSTANCE_UID: "uid", names.PATIENT_ID: "patient_id"}
_BACKSLASH, _UIDS = re.compile(r"\\"), re.compile(r"[,\\]")


@dataclass(frozen=True, slots=True)
class Found:
    """Data sets that match, within `limit` from `offset` on; `more` that are not among them.

    `is_cut` says that there are workitems which the search has not looked at.
    """

    datasets: Sequence[Dataset]
    more: int
    is_cut: bool


def identifier_of(keys: Mapping[str, Sequence[str]]) -> Dataset:
    """Match keys by their paths of tags, such as 0040A370.00080050, as an identifier in the DICOM JSON model.

    Raises Invalid for a path through what is no sequence, and a value for what is one.
    """
    identifier: Dataset = {}
    for path, texts in keys.items():
        *sequences, tag = path.split(".")
        place = identifier
        for sequence in sequences:
            if standard_vr(int(sequence, 16)) != b"SQ":
                raise Invalid(
                    say("Attribute {sequence} is no sequence, so that nothing stands in it.", sequence=sequence)
                )
            place = place.setdefault(sequence, {"vr": "SQ", "Value": [{}]})["Value"][0]
        place[tag] = place.get(tag) or _element(tag, texts)
    return identifier


def find(
    principal: Principal,
    keys: Dataset,
    *,
    include: Iterable[str] = (),
    everything: bool = False,
    fuzzy: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Found:
    """The workitems that the principal sees and that match, in the order of their start.

    They have the attributes of return key types 1 and 2, the keys', and those of `include` (paths of tags; what stands
    in a sequence is given with the whole of it); or `everything`. Raises Invalid for values that don't fit.
    """
    wanted = None if everything else RETURNED | {path.split(".")[0] for path in (*keys, *include)}
    most = min(DEFAULT_LIMIT if limit is None else limit, MAX_LIMIT)
    is_match = matcher(keys, fuzzy=fuzzy)
    rows = _narrowed(Workitem.objects.visible_to(principal).present(), keys).order_by("start", "pk")
    found, count, scanned = list[Dataset](), 0, 0
    for dataset in _datasets(rows):
        scanned += 1
        if is_match(dataset):
            count += 1
            if offset < count <= offset + most:
                found.append(dataset if wanted is None else {tag: dataset[tag] for tag in dataset if tag in wanted})
    return Found(found, max(0, count - offset - len(found)), scanned == MAX_SCANNED)


def _datasets(rows: QuerySet[Workitem]) -> Iterator[Dataset]:
    return iter(rows.values_list("dataset", flat=True)[:MAX_SCANNED].iterator(_AT_ONCE))


def _narrowed(rows: QuerySet[Workitem], keys: Dataset) -> QuerySet[Workitem]:
    for tag, column in _COLUMNS.items():
        given = values(keys, tag)
        if len(given) == 1 and (value := text(keys, tag)) and not has_wildcard(value):
            rows = rows.filter(**{column: value})
    return rows


def _element(tag: str, texts: Sequence[str]) -> dict[str, object]:
    vr = standard_vr(int(tag, 16)).decode() or "UN"
    separator = _UIDS if vr == "UI" else _BACKSLASH
    given = [value.strip() for each in texts for value in separator.split(each)]
    if vr == "SQ":
        if any(given):
            raise Invalid(
                say("Attribute {tag} is a sequence: search by what stands in it, such as {tag}.00080100.", tag=tag)
            )
        return {"vr": vr}
    if not all(given):
        return {"vr": vr}
    return {"vr": vr, "Value": [{"Alphabetic": value} if vr == "PN" else value for value in given]}
