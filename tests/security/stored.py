"""Something of everything that an address may name, all of one practice, and people to ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db.models import Model
from django.utils import timezone

from apps.access.models import AccessRequest, Emergency, Invitation, PhysicianName
from apps.accounts.models import Grant, Practice, Role, Token, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.corrections.models import Correction
from apps.archive.models import Assignment, Instance, Patient, Quarantined, Series, Study, StudyLabel
from apps.archive.store import Batch, Origin
from apps.audit.models import Event
from apps.dimse.models import Commitment
from apps.jobs.models import Job
from apps.remotes.models import ApplicationEntity, Remote, UnknownCaller
from apps.routing.models import CommitmentRequest, Destination, Outgoing, OutgoingState, Rule
from apps.sharing.links import Terms, make
from apps.sharing.models import Share
from apps.uploads.models import Upload
from apps.volumes.finding import volumes_of
from apps.volumes.models import Volume
from apps.worklist.models import PerformedStep, Workitem
from apps.worklist.workitems import keeping
from apps.worklist.workitems.reading import read
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dicomweb.workitems import asked, element
from tests.rights import give
from tests.security import expected

INSTANCE = dicoms.uid(1, 1, 1)
# Whatever tells that the practice's things exist; no answer to others may hold any of it.
SECRETS = (b"Xanthippe", dicoms.STUDY_UID.encode(), b"secret-work", b"xenologist", b"wilma", b"XENOLOGY", b"WILMA")


@dataclass(frozen=True, slots=True)
class Stored:
    """The objects by their models, and the practice that they belong to."""

    practice: Practice
    objects: Mapping[type[Model], Any]

    def values(self, route: str) -> dict[str, object]:
        """What the variables of an address stand for."""
        study = {"study": dicoms.STUDY_UID, "series": dicoms.SERIES_UID, "instance": INSTANCE}
        names: dict[str, object] = {
            "numbers": "1",
            "number": "1",
            "path": "7FE00010",
            "uid": dicoms.STUDY_UID,
            "name": "trial",
        }
        pk = self._named(route).pk
        ids = {"pk": pk, "object_id": pk, "id": pk, "patient": self.objects[Patient].pk}
        names |= {"workitem": self.objects[Workitem].uid, "aetitle": "WATCHER"}
        names |= {"external_id": "P-1", "practice": self.practice.pk, "table": "x" * 49}
        names["upload"] = self.objects[Upload].key
        names |= {"orientation": "axial", "place": 0}
        if route.startswith("admin/practice/appointment/"):
            names["name"] = "arrive"
        prefixes = {"api/fhir/Patient/": "lead-", "api/fhir/Binary/": "report-"}
        names["key"] = next((f"{prefix}{pk}" for begin, prefix in prefixes.items() if route.startswith(begin)), pk)
        if route.startswith("api/series/"):
            names["uid"] = dicoms.SERIES_UID
        if route.startswith("api/instances/"):
            names["uid"] = INSTANCE
        return {
            **study,
            **names,
            **ids,
            "study_pk": self.objects[Study].pk,
            **dict.fromkeys(("secret", "link", "token"), "x" * 43),
        }

    def _named(self, route: str) -> Model:
        """What a key stands for: the longest beginning of the route that is known tells it."""
        begins = [begin for begin in PLACES if route.startswith(begin)]
        named: Model = self.objects[PLACES[max(begins, key=len)]] if begins else self.objects[Study]
        return named


# The same variables, standing for what there isn't.
ABSENT: dict[str, object] = {
    **dict.fromkeys(("study", "series", "instance", "uid"), "1.2.3"),
    **dict.fromkeys(("pk", "object_id", "id", "patient", "study_pk"), 999_999_999),
    "numbers": "1",
    "number": "1",
    "path": "7FE00010",
    "name": "nothing",
    "secret": "y" * 43,
    "link": "y" * 43,
    "token": "y" * 43,
    "workitem": "1.2.3",
    "aetitle": "NOBODY",
    "external_id": "P-2",
    "key": 999_999_999,
    "practice": 999_999_999,
    "table": "y" * 49,
    "upload": "y" * 32,
    "orientation": "axial",
    "place": 0,
}
PLACES: dict[str, type[Model]] = {
    "admin/worklist/workitem/": Workitem,
    "admin/archive/study/": Study,
    "admin/archive/series/": Series,
    "admin/archive/instance/": Instance,
    "admin/archive/patient/": Patient,
    "admin/archive/quarantined/": Quarantined,
    "admin/archive/assignment/": Assignment,
    "admin/audit/event/": Event,
    "admin/jobs/job/": Job,
    "admin/dimse/commitment/": Commitment,
    "admin/accounts/user/": User,
    "admin/accounts/role/": Role,
    "admin/accounts/grant/": Grant,
    "admin/accounts/practice/": Practice,
    "admin/accounts/token/": Token,
    "api/tokens/": Token,
    "admin/axes/accessattempt/": AccessAttempt,
    "admin/access/emergency/": Emergency,
    "admin/access/invitation/": Invitation,
    "admin/access/physicianname/": PhysicianName,
    "admin/access/accessrequest/": AccessRequest,
    "admin/sharing/share/": Share,
    "api/jobs/": Job,
    "api/patients/": Patient,
    "api/corrections/": Correction,
    "api/shares/": Share,
    "api/users/": User,
    "api/roles/": Role,
    "api/grants/": Grant,
    "api/assignments/": Assignment,
    "api/physician-names/": PhysicianName,
    "api/invitations/": Invitation,
    "api/access-requests/": AccessRequest,
    "api/emergencies/": Emergency,
    "access/emergencies/": Emergency,
    "access/invitations/": Invitation,
    "s/": Share,
    "admin/routing/rule/": Rule,
    "admin/routing/outgoing/": Outgoing,
    "admin/routing/destination/": Destination,
    "admin/routing/commitmentrequest/": CommitmentRequest,
    "api/routing/rules/": Rule,
    "api/routing/outbox/": Outgoing,
    "api/routing/destinations/": Remote,
    "admin/remotes/remote/": Remote,
    "admin/remotes/unknowncaller/": UnknownCaller,
    "admin/remotes/applicationentity/": ApplicationEntity,
    "api/remotes/": Remote,
    "api/unknown-callers/": UnknownCaller,
    "api/application-entities/": ApplicationEntity,
    "admin/worklist/performedstep/": PerformedStep,
    "api/worklist/performed/": PerformedStep,
    "api/volumes/": Volume,
    "volumes/": Volume,
    **expected.PLACES,
}


def store(practice: Practice) -> Stored:
    """One of each in the practice."""
    wilma = User.objects.create_user("wilma", practice=practice, is_staff=True)
    grant = give(wilma, practice, Permission.VIEW)
    name = {"PatientName": "Doe^Xanthippe"}
    keep(practice, *dicoms.ct_series(2, **name))
    with Batch(Origin("test", practice.pk, "test")) as batch:
        batch.receive([dicoms.ct_slice(SliceThickness="9", **name)])
        batch.commit()
    study = Study.objects.get(practice=practice)
    StudyLabel.objects.create(study=study, name="trial")
    make(Principal.of(giver(practice)), study.study_instance_uid, Terms("Dr. Far", "advice"), source="test")
    facts: dict[type[Model], Any] = {
        Practice: practice,
        User: wilma,
        Grant: grant,
        Role: Role.objects.create(practice=practice, name="xenologist", permissions=["view"]),
        Study: study,
        Series: Series.objects.get(study=study),
        Instance: Instance.objects.filter(series__study=study, sop_instance_uid=INSTANCE).get(),
        Patient: study.patient,
        Quarantined: Quarantined.objects.get(practice=practice),
        Event: Event.objects.filter(practice=practice).latest("pk"),
        Job: Job.objects.create(kind="secret-work", practice=practice),
        Share: Share.objects.latest("pk"),
        Token: Token.issue(wilma, "secret-work")[0],
        AccessAttempt: AccessAttempt.objects.create(username="wilma", failures_since_start=1),
        Assignment: Assignment.objects.create(patient=study.patient, user=wilma),
        Commitment: Commitment.objects.create(
            remote=Remote.objects.create(practice=practice, name="secret-work"),
            practice=practice,
            called="OURS",
            transaction_uid="1.2.3",
            references=[],
            instances=0,
        ),
    }
    facts[Volume] = volumes_of(facts[Series])[0]
    facts |= _of_worklist(practice)
    facts |= _of_network(practice)
    facts |= _of_routing(study, facts[Remote])
    facts |= expected.of_practice(practice, study)
    facts |= expected.of_notifications(practice, facts[Remote], wilma)
    return Stored(practice, {**facts, **_of_access(practice, wilma, study)})


def _of_worklist(practice: Practice) -> dict[type[Model], Any]:
    """A workitem that somebody is subscribed to, and what a device has reported."""
    dataset = asked("1.2.840.999.5", t00100010=element("PN", {"Alphabetic": "Doe^Xanthippe"}))
    made, _ = keeping.create(Principal.worker(practice.pk), read(dataset))
    made.subscriptions.create(subscriber="WATCHER")
    name = element("PN", {"Alphabetic": "Doe^Xanthippe"})
    performed = PerformedStep.objects.create(
        practice=practice, sop_instance_uid="1.2.840.999.6", dataset={"00100010": name}, station_title="XENOLOGY"
    )
    return {Workitem: made, PerformedStep: performed}


def _of_routing(study: Study, remote: Remote) -> dict[type[Model], Any]:
    """A study that could not be sent, and that the destination was asked about all the same."""
    here: dict[str, Any] = {"practice": study.practice}
    rule = Rule.objects.create(**here, name="secret-work")
    rule.destinations.add(remote)
    of_study: dict[str, Any] = {"study": study, "study_instance_uid": study.study_instance_uid}
    sent: dict[str, Any] = {**here, **of_study, "remote": remote}
    return {
        Rule: rule,
        Outgoing: Outgoing.objects.create(**sent, rule=rule, state=OutgoingState.FAILED, total=1),
        Destination: Destination.objects.create(remote=remote),
        CommitmentRequest: CommitmentRequest.objects.create(
            **sent, study_version=0, transaction_uid="1.2.3.4", references=[], instances=1
        ),
    }


def _of_network(practice: Practice) -> dict[type[Model], Any]:
    """A remote that nobody reaches: nothing listens at the first port."""
    here: dict[str, Any] = {"practice": practice}
    return {
        ApplicationEntity: ApplicationEntity.objects.create(**here, title="XENOLOGY"),
        Remote: Remote.objects.create(**here, name="xenologist", title="XRAY", host="127.0.0.1", port=1),
        UnknownCaller: UnknownCaller.objects.create(**here, calling="WILMA", called="XENOLOGY", address="127.0.0.1"),
    }


def _of_access(practice: Practice, wilma: User, study: Study) -> dict[type[Model], Any]:
    soon = timezone.now() + timedelta(hours=1)
    here: dict[str, Any] = {"practice": practice, "user": wilma}
    told: dict[str, Any] = {"patient": study.patient, "reason": "unconscious in the waiting room"}
    invited = Invitation.objects.create(
        practice=practice, patient=study.patient, name="Maria", contact="m@example.org", relation="parent",
        until=soon, answer_by=soon, digest="0",
    )  # fmt: skip
    invited.studies.add(study)
    return {
        Invitation: invited,
        PhysicianName: PhysicianName.objects.create(**here, name="Who^Doctor", key="who^doctor"),
        AccessRequest: AccessRequest.objects.create(
            **here, kind="patient", value="P1", reason="a consultation", days=1
        ),
        Emergency: Emergency.objects.create(**here, **told, until=soon),
        Correction: Correction.objects.create(
            practice=practice, kind="edit", patient=study.patient, changes={}, reason="typing error", made_by="wilma"
        ),
    }


def share_elsewhere(practice: Practice) -> Share:
    """A link to something else; its `secret` is what opens it."""
    study, series, instance = dicoms.uid(77), dicoms.uid(77, 1), dicoms.uid(77, 1, 1)
    keep(practice, dicoms.ct_slice(StudyInstanceUID=study, SeriesInstanceUID=series, SOPInstanceUID=instance))
    made = make(Principal.of(giver(practice)), study, Terms("Dr. Far", "advice"), source="test")
    share = Share.objects.latest("pk")
    share.secret = made.secret  # type: ignore[attr-defined]
    return share


def giver(practice: Practice) -> User:
    """Somebody who may do everything there."""
    found = User.objects.create_user(f"giver of {practice}", practice=practice)
    give(found, practice)
    return found
