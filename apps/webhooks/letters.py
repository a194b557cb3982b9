"""What is sent: a delivery with its body, to be signed. Who the patient is, is looked up here and kept nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from django.utils import timezone

from apps.archive.models import Study
from apps.core import sealed
from apps.practice.models import Match, MatchState
from apps.webhooks.connecting import Place
from apps.webhooks.models import Delivery, Detail, Event, Webhook

PORTS: Final = {"http": 80, "https": 443}
_STUDY: Final = (
    "practice_id", "study_instance_uid", "study_date", "study_time", "study_description", "accession_number",
    "referring_physician_name", "patient_identifier", "patient_id_issuer", "patient_name", "patient_birth_date",
    "patient_sex",
)  # fmt: skip

# Practice and Study Instance UID.
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery as it goes out. `path` has the query; `secrets` are as they sign, the newest first.

    There are none where they can't be read any more, and then it can't go.
    """

    delivery_pk: int
    webhook_pk: int
    practice_id: int
    uid: str
    place: Place
    path: str
    body: bytes
    secrets: Sequence[str] = field(repr=False)
    # Of the event; patient data was added where `discloses` is set.
    kind: str = ""
    study_instance_uid: str = ""
    discloses: bool = False


def letters(deliveries: Iterable[Delivery]) -> list[Letter]:
    """The deliveries, with their events and webhooks, as they go out now."""
    rows = list(deliveries)
    details = _details([row.event for row in rows if row.webhook.detail == Detail.FULL])
    return [_letter(row, details) for row in rows]


def body_of(event: Event, more: Mapping[str, Any] | None = None) -> bytes:
    """The body: what happened, when, as the how manieth, and `more` of whom it is about."""
    at = event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    told = {"type": event.kind, "timestamp": at, "sequence": event.pk, "practiceId": event.practice_id}
    return orjson.dumps(told | {"data": {**event.data, **(more or {})}})


def _secrets(webhook: Webhook, now: datetime) -> list[str]:
    try:
        return [sealed.unseal(secret) for secret in webhook.signing_secrets(now)]
    except sealed.Unsealable:
        return []


def _letter(row: Delivery, details: Mapping[_Key, Mapping[str, Any]]) -> Letter:
    event, webhook = row.event, row.webhook
    parts = urlsplit(webhook.url)
    key = event.practice_id, str(event.data.get("studyInstanceUid", ""))
    more = details.get(key) if webhook.detail == Detail.FULL else None
    return Letter(
        delivery_pk=row.pk,
        webhook_pk=webhook.pk,
        practice_id=event.practice_id,
        uid=str(event.uid),
        place=(parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme], webhook.certificate),
        path=f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
        body=body_of(event, more),
        secrets=_secrets(webhook, timezone.now()),
        kind=event.kind,
        study_instance_uid=key[1],
        discloses=more is not None,
    )


def _details(events: Sequence[Event]) -> dict[_Key, dict[str, Any]]:
    """Patient, study and lead as they are known now, of those events that are about a study that is still here."""
    uids = {str(event.data["studyInstanceUid"]) for event in events if "studyInstanceUid" in event.data}
    practices = {event.practice_id for event in events}
    if not uids:
        return {}
    studies = Study.objects.filter(practice__in=practices, study_instance_uid__in=uids).only(*_STUDY)
    found = {(study.practice_id, study.study_instance_uid): {"study": _of_study(study)} for study in studies}
    matches = Match.objects.filter(study__in=[study.pk for study in studies], state=MatchState.LINKED)
    named = matches.exclude(lead=None).select_related("lead", "study")
    for match in named.only("lead", "study__study_instance_uid", "study__practice_id"):
        found[match.study.practice_id, match.study.study_instance_uid]["lead"] = _of_lead(match)
    return found


def _of_study(study: Study) -> dict[str, Any]:
    """DICOM's own values (PS3.5 6.2): names as `Doe^Jane`, dates as `20260131`."""
    return {
        "date": study.study_date,
        "time": study.study_time,
        "description": study.study_description,
        "accessionNumber": study.accession_number,
        "referringPhysician": study.referring_physician_name,
        "patient": {
            "id": study.patient_identifier,
            "issuer": study.patient_id_issuer,
            "name": study.patient_name,
            "birthDate": study.patient_birth_date,
            "sex": study.patient_sex,
        },
    }


def _of_lead(match: Match) -> dict[str, Any]:
    lead = match.lead
    return {"id": lead.pk, "externalId": lead.external_id} if lead else {}
