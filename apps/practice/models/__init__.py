"""The practice's own records: its leads, what joins them to studies, X-rays, appointments, and whom it hears from."""

from apps.practice.models.appointments import Appointment, AppointmentState
from apps.practice.models.batches import Batch, BatchFile, FileOutcome
from apps.practice.models.leads import Lead, LeadKey, LeadStatus, NameUse
from apps.practice.models.matches import (
    Candidate,
    How,
    LeadChange,
    Match,
    MatchDecision,
    Matching,
    MatchingWeights,
    MatchState,
    PatientKey,
    Rejection,
    Verdict,
)
from apps.practice.models.orthancs import Level, NoticeState, Orthanc, OrthancNotice
from apps.practice.models.xrays import XRay, XrayStatus, XrayType

__all__ = [
    "Appointment",
    "AppointmentState",
    "Batch",
    "BatchFile",
    "Candidate",
    "FileOutcome",
    "How",
    "Lead",
    "LeadChange",
    "LeadKey",
    "LeadStatus",
    "Level",
    "Match",
    "MatchDecision",
    "MatchState",
    "Matching",
    "MatchingWeights",
    "NameUse",
    "NoticeState",
    "Orthanc",
    "OrthancNotice",
    "PatientKey",
    "Rejection",
    "Verdict",
    "XRay",
    "XrayStatus",
    "XrayType",
]
