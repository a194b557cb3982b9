"""Events as the standard's messages (PS3.15 A.5.1), and the record as files."""

import csv
import io
import json
from base64 import b64decode
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import override

from apps.accounts.models import Practice
from apps.audit import export
from apps.audit.codes import CODES
from apps.audit.messages import message
from apps.audit.models import Event
from apps.audit.record import Action, Entry, record, tell

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def written(action: Event.Action, practice: Practice | None, **facts: Any) -> Event:
    with connection.cursor() as cursor:
        entry = {"actor": "nora", "practice_id": practice.pk if practice else None, "source": "frames", "at": AT}
        record(cursor, [Entry(action, **entry | facts)])
    return Event.objects.latest("id")


def told(action: Event.Action, practice: Practice | None, **facts: Any) -> Element:
    return fromstring(message(written(action, practice, **facts)))


def details(element: Element) -> dict[str, str]:
    found = element.iter("ParticipantObjectDetail")
    return {each.attrib["type"]: b64decode(each.attrib["value"]).decode() for each in found}


def test_an_access_names_who_what_and_whose(practice: Practice) -> None:
    facts = {"study_instance_uid": "1.2.3", "patient": "ab" * 16, "count": 500, "address": "192.0.2.1", "via": "Basic"}
    root = told(Action.ACCESS, practice, **facts)
    assert [child.tag for child in root] == [
        "EventIdentification",
        "ActiveParticipant",
        "AuditSourceIdentification",
        "ParticipantObjectIdentification",
        "ParticipantObjectIdentification",
    ]
    event, actor, source, study, patient = root
    times = {"EventDateTime": "2026-03-01T23:30:00.000+00:00", "EventActionCode": "R", "EventOutcomeIndicator": "0"}
    assert event.attrib == times
    code = {"csd-code": "110103", "codeSystemName": "DCM", "originalText": "DICOM Instances Accessed"}
    assert event[0].tag == "EventID"
    assert event[0].attrib == code
    who = {"UserID": "nora", "AlternativeUserID": "Basic", "UserIsRequestor": "true"}
    assert actor.attrib == who | {"NetworkAccessPointID": "192.0.2.1", "NetworkAccessPointTypeCode": "2"}
    assert source.attrib["AuditEnterpriseSiteID"] == str(practice.pk)
    assert (study.attrib["ParticipantObjectID"], study[0].attrib["csd-code"]) == ("1.2.3", "110180")
    assert study.find("ParticipantObjectDescription/SOPClass").attrib == {"NumberOfInstances": "500"}  # type: ignore[union-attr]
    assert (patient.attrib["ParticipantObjectID"], patient.attrib["ParticipantObjectTypeCodeRole"]) == ("ab" * 16, "1")


def test_what_a_worker_does_is_asked_for_by_somebody(practice: Practice) -> None:
    root = told(Action.EXPORT, practice, actor="worker", on_behalf_of="nora")
    wanted_by = {each.attrib["UserID"]: each.attrib["UserIsRequestor"] for each in root.iter("ActiveParticipant")}
    assert wanted_by["worker"] == "false"
    assert wanted_by["nora"] == "true"


def test_an_alert_says_what_and_why() -> None:
    root = told(Action.EMERGENCY_START, None, detail="4 hours", reason="trauma <b>", outcome=0)
    assert root.find("EventIdentification/EventTypeCode").attrib["csd-code"] == "110127"  # type: ignore[union-attr]
    found = details(root)
    assert (found["Alert Description"], found["Reason"]) == ("4 hours", "trauma <b>")


def test_it_is_english_whoever_asks(practice: Practice) -> None:
    with override("fr"):
        in_french = told(Action.DELETE, practice, outcome=8)
    assert in_french.find("EventIdentification/EventOutcomeDescription").text == "Deleted"  # type: ignore[union-attr]


def test_a_failure_says_so(practice: Practice) -> None:
    root = told(Action.SIGN_IN_REFUSED, practice, outcome=Event.Outcome.MINOR_FAILURE, detail="no such user")
    assert root[0].attrib["EventOutcomeIndicator"] == "4"
    assert root.findtext("EventIdentification/EventOutcomeDescription") == "no such user"


def test_a_search_tells_its_attributes(practice: Practice) -> None:
    root = told(Action.QUERY, practice, detail="00100010", count=7)
    query = root.findtext("ParticipantObjectIdentification/ParticipantObjectQuery") or ""
    assert b64decode(query) == b"00100010"
    assert details(root) == {"Answers": "7"}


@pytest.mark.parametrize("action", list(Action))
def test_every_action_makes_a_message(action: Event.Action, practice: Practice) -> None:
    root = told(action, practice, study_instance_uid="1.2.3")
    assert root.find("EventIdentification/EventID").attrib["csd-code"] == CODES[action].event.value  # type: ignore[union-attr]
    for thing in root.iter("ParticipantObjectIdentification"):
        assert thing[0].tag == "ParticipantObjectIDTypeCode"
        assert thing[1].tag in {"ParticipantObjectName", "ParticipantObjectQuery"}


def test_the_files_hold_the_same(practice: Practice) -> None:
    written(Action.EDIT, practice, detail="één <tag>", until=AT)
    written(Action.START, None)
    rows = list(csv.DictReader(io.StringIO(b"".join(export.as_csv(Event.objects.all())).decode())))
    things = json.loads(b"".join(export.as_json(Event.objects.all())))
    messages = fromstring(b"".join(export.as_xml(Event.objects.all())))
    assert {row["action"] for row in rows} == {"edit", "start"} == {thing["action"] for thing in things}
    assert [row["hash"] for row in rows] == [thing["hash"] for thing in things]
    assert len(messages) == 2
    assert rows[-1 if rows[0]["action"] == "start" else 0]["detail"] == "één <tag>"
    assert things[0].keys() >= {"studyInstanceUid", "eventId", "onBehalfOf"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(practice: Practice, text: str) -> None:
    tell(Action.EDIT, actor=text, practice_id=practice.pk, detail=text, reason=text)
    (row,) = csv.DictReader(io.StringIO(b"".join(export.as_csv(Event.objects.all())).decode()))
    assert row["actor"] == row["detail"] == row["reason"] == f"'{text}"


def test_a_period_has_whole_days(practice: Practice, settings: Any) -> None:
    settings.TIME_ZONE = "America/Montreal"
    written(Action.EDIT, practice)
    day = date(2026, 3, 1)
    assert export.period(Event.objects.all(), day, day).count() == 1
    assert not export.period(Event.objects.all(), date(2026, 3, 2), None)
    assert not export.period(Event.objects.all(), None, date(2026, 2, 28))


def test_nothing_is_an_empty_file(db: None) -> None:
    none = Event.objects.none()
    assert json.loads(b"".join(export.as_json(none))) == []
    assert len(fromstring(b"".join(export.as_xml(none)))) == 0


def test_the_command_writes_a_file_that_holds_itself(practice: Practice, tmp_path: Path) -> None:
    written(Action.EDIT, practice)
    file = tmp_path / "out.json"
    call_command("audit", "export", "--format", "json", "--practice", practice.name, "--output", str(file))
    actions = [each["action"] for each in json.loads(file.read_text())]
    assert actions == ["edit", "log-used"]
    with pytest.raises(CommandError, match="no practice Nowhere"):
        call_command("audit", "export", "--practice", "Nowhere", "--output", str(file))


def test_the_page_about_the_record_has_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "audit.md").read_text()
    for action, code in CODES.items():
        kind = f"{code.kind.value} {code.kind.meaning}" if code.kind else ""
        line = f"| {action.value} | {action.label} | {code.event.value} {code.event.meaning} | {kind} | {code.verb} |"
        assert line in page
