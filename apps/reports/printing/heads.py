"""Who writes, and about whom: the practice's head, the patient and the examination, and what stands on every page."""

from collections.abc import Iterable
from typing import Final

from apps.dicom.spoken import spoken_date, spoken_name, spoken_time
from apps.reports.content.document import Document
from apps.reports.printing.markup import Markup, element, together
from apps.reports.printing.parts import LOGO, SCHEME, Letterhead, Tell
from apps.saying import Sentence, say

BANNERS: Final = {
    "draft": say("DRAFT: not signed, not for clinical use"),
    "preliminary": say("PRELIMINARY: not signed yet, may change"),
    "amended": say("AMENDED: this takes the place of an earlier report"),
}
WORDS_ACROSS: Final = {"draft": say("DRAFT"), "preliminary": say("PRELIMINARY")}
SEXES: Final = {"F": say("female"), "M": say("male"), "O": say("other")}


def letterhead(head: Letterhead, tell: Tell) -> Markup:
    """The head of the first page."""
    logo = None
    if head.has_logo:
        logo = element("img", src=f"{SCHEME}{LOGO}", alt=tell(say("Logo of {name}", name=head.name)), class_="logo")
    lines = [*head.address.splitlines(), *head.contact.splitlines()]
    return element(
        "header",
        logo,
        element("div", element("p", head.name, class_="practice"), *(element("p", line) for line in lines)),
        class_="letterhead",
    )


def banner(document: Document, tell: Tell) -> Markup | None:
    """What the status means for who reads it; nothing for what is final."""
    said = BANNERS.get(document.status)
    return element("p", tell(said), class_="banner") if said else None


def subject(document: Document, tell: Tell) -> Markup:
    """The patient and the examination, side by side."""
    return element(
        "div",
        _table(patient_facts(document, tell), tell),
        _table(examination_facts(document), tell),
        class_="subject",
    )


def strip(document: Document) -> Markup:
    """What names the patient on every page."""
    patient = document.patient
    said = [element("bdi", full_name(patient.name)), patient.identifier, spoken_date(patient.birth_date)]
    parts = [each for each in said if each]
    return together(*(piece for at, each in enumerate(parts) for piece in ((" · " if at else None), each)))


def full_name(written: str) -> str:
    """A PN's alphabetic group and, in brackets, its ideographic one (PS3.5 6.2.1.1)."""
    alphabetic, _, others = written.partition("=")
    groups = [each for each in (spoken_name(alphabetic), spoken_name(others).replace(", ", " ")) if each]
    return groups[0] + "".join(f" ({each})" for each in groups[1:]) if groups else ""


def patient_facts(document: Document, tell: Tell) -> list[tuple[Sentence, str]]:
    """What is said of the patient: labels, and what stands beside them; empty for what nobody knows."""
    patient = document.patient
    sex = SEXES.get(patient.sex)
    return [
        (say("Patient"), full_name(patient.name)),
        (say("Patient ID"), patient.identifier),
        (say("Date of birth"), spoken_date(patient.birth_date)),
        (say("Sex"), tell(sex) if sex else patient.sex),
    ]


def examination_facts(document: Document) -> list[tuple[Sentence, str]]:
    """The same of the examination."""
    study = document.examination
    when = f"{spoken_date(study.date)} {spoken_time(study.time)[:5]}".strip()
    what = ", ".join(filter(None, (study.description, "/".join(study.modalities))))
    return [
        (say("Examination"), what),
        (say("Date of examination"), when),
        (say("Accession number"), study.accession_number),
        (say("Referring physician"), full_name(study.referring_physician)),
    ]


def _table(rows: Iterable[tuple[Sentence, str]], tell: Tell) -> Markup:
    lines = (
        element("tr", element("th", tell(label), scope="row"), element("td", element("bdi", said)))
        for label, said in rows
        if said
    )
    return element("table", element("tbody", *lines), class_="facts")
