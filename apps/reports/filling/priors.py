"""The patient's earlier studies with their signed reports, and the words about them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.accounts.principal import Principal
from apps.archive.growing import modalities_of
from apps.archive.models import Study
from apps.archive.viewing import viewer_url
from apps.dicom.spoken import spoken_date, unturned
from apps.reports.content.document import Document, Passage
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.earlier import alike, earlier_studies
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.persons import dated
from apps.reports.filling.studies import several
from apps.reports.filling.wording import listed
from apps.reports.models import Signature
from apps.saying import say
from apps.worklist.evidence import NOT_ACQUIRED

# Of a list in a text.
MOST_LISTED: Final = 10
# Headings of what was concluded (PS3.16 CID 7001; LOINC's codes and DICOM's own of before).
CONCLUSIONS: Final = frozenset({"19005-8", "55110-1", "121072", "121076"})


@dataclass(frozen=True, slots=True)
class Prior:
    """An earlier study with the last signature of each of its reports, newest first."""

    study: Study
    signatures: tuple[Signature, ...]
    is_alike: bool = False


def prior_studies(study: Study, who: Principal, modalities: frozenset[str] = frozenset()) -> Sequence[Prior]:
    """The earlier studies that the principal sees, newest first. `is_alike` are those with one of the modalities."""
    studies = earlier_studies(study, who)
    same = {each.pk for each in alike(studies, modalities)}
    signed = _signatures(studies)
    return [Prior(each, tuple(signed.get(each.pk, ())), each.pk in same) for each in studies]


def prior(facts: Facts, call: Call) -> Found | None:
    """Of the newest earlier study of the same modality, or of the one that is asked for."""
    wanted = call.texts.get("modality", "")
    studies = alike(facts.earlier, {wanted} if wanted else facts.modalities)
    if call.detail == "list":
        return _list(studies if wanted else facts.earlier)
    return _of_prior(studies[0], call.detail) if studies else None


def _of_prior(study: Study, detail: str) -> Found | None:
    origin = origin_of(study)
    match detail:
        case "date":
            return dated(study.study_date, origin)
        case "modalities":
            return several(acquired(study), origin)
        case "impression":
            return texts(origin)(_impression(study))
        case "comparison":
            return texts(origin)(_("Compared with: %(study)s.") % {"study": named(study)})
    return texts(origin)(study.accession_number if detail == "accession" else unturned(study.study_description))


def origin_of(study: Study) -> Origin:
    """Where something of an earlier study is from."""
    said = say("From the study of {date}", date=spoken_date(study.study_date))
    return Origin(SourceKind.PRIOR, said, f"study {study.pk}", viewer_url(study.study_instance_uid))


def named(study: Study) -> str:
    """A study as reports name it: `CT, Chest, 2026-03-01`."""
    return listed(("/".join(acquired(study)), unturned(study.study_description), spoken_date(study.study_date)))


def acquired(study: Study) -> list[str]:
    """Its modalities without those of what was made of images later."""
    return sorted(modalities_of(study.modalities) - NOT_ACQUIRED)


def impression_of(document: Document) -> str:
    """What a report concludes, in lines; empty where it has no such section."""
    return "\n".join(text for passage in document.passages for text in _concluded(passage))


def _concluded(passage: Passage, *, is_in: bool = False) -> Iterator[str]:
    is_in = is_in or passage.code.value in CONCLUSIONS
    if is_in:
        yield from (each.text for each in passage.statements)
    for below in passage.passages:
        yield from _concluded(below, is_in=is_in)


def _list(studies: Sequence[Study]) -> Found | None:
    if not studies:
        return None
    lines = [named(each) for each in studies[:MOST_LISTED]]
    more = ["…"] if len(studies) > MOST_LISTED else []
    return Found("\n".join([*lines, *more]), Origin(SourceKind.PRIOR, say("From the patient's earlier studies")))


def _impression(study: Study) -> str:
    """Of the report that was signed last; empty without any."""
    signed = next(iter(_signatures([study]).get(study.pk, ())), None)
    return impression_of(Document.from_json(signed.document)) if signed else ""


def _signatures(studies: Sequence[Study]) -> Mapping[int, Sequence[Signature]]:
    """By study the last signature of each report, the newest first."""
    signed = Signature.objects.filter(report__study__in=[each.pk for each in studies])
    rows = signed.select_related("report__version__template").order_by("-signed_at", "-number")
    found: defaultdict[int, list[Signature]] = defaultdict(list)
    seen: set[int] = set()
    for row in rows.defer("report__content", "report__version__source"):
        if row.report_id not in seen:
            seen.add(row.report_id)
            found[row.report.study_id].append(row)
    return found
