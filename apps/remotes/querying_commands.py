"""`manage.py remote search|import|send`: other archives from the command line."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.remotes import exporting, importing, searching
from apps.remotes.asking import Query
from apps.remotes.found import FoundStudy, Have
from apps.remotes.models import Remote

SOURCE: Final = "manage.py remote"
_TEXTS: Final = ("patient_name", "patient_id", "modality", "accession_number", "study_instance_uid")
_DATES: Final = ("birth_date", "study_date_from", "study_date_to")
_QUEUED: Final = "Job {} is queued; a worker does it. The admin shows under Jobs how far it is."


def add_search(parser: ArgumentParser) -> None:
    for name in _TEXTS:
        parser.add_argument(f"--{name.replace('_', '-')}", default="", metavar="TEXT")
    for name in _DATES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=date.fromisoformat, metavar="YYYY-MM-DD")


def add_studies(parser: ArgumentParser) -> None:
    parser.add_argument("studies", nargs="+", metavar="STUDY", help="Study Instance UID.")


def search(who: Principal, remote: Remote, options: dict[str, Any]) -> Iterator[str]:
    """What was found, in lines. Raises as `searching.search`."""
    query = Query(**{name: options[name] for name in (*_TEXTS, *_DATES)})
    results = searching.search(who, remote, query, source=SOURCE)
    for study in results.studies:
        yield _line(study)
    yield f"{len(results.studies)} studies" + ("." if results.is_complete else ", and there are more.")


def fetch(who: Principal, remote: Remote, options: dict[str, Any]) -> str:
    return _QUEUED.format(importing.ask(who, remote, options["studies"]).pk)


def send(who: Principal, remote: Remote, options: dict[str, Any]) -> str:
    return _QUEUED.format(exporting.ask(who, remote, options["studies"]).pk)


def _line(study: FoundStudy) -> str:
    here = {Have.NONE: "not here", Have.PART: f"{study.ours} here", Have.ALL: "all here"}[study.have]
    told = (study.study_date, study.patient_name, study.patient_id, "/".join(study.modalities), study.description)
    return f"{study.study_instance_uid}  {'  '.join(filter(None, told))}  ({here})"
