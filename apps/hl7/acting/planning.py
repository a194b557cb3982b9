"""What is to be done and where, by what senders call it."""

from typing import Final

from apps.hl7.acting.context import Context
from apps.hl7.procedures import Procedure, table_of
from apps.remotes.models import Remote

# Modalities (PS3.3 C.7.3.1.1.1) that are taken as such where a sender writes them in the place of a code of its own.
MODALITIES: Final = frozenset(
    {
        "AR", "BMD", "CR", "CT", "DG", "DX", "ECG", "EPS", "ES", "GM", "IO", "IVOCT", "IVUS", "KER", "LEN", "MG", "MR",
        "NM", "OAM", "OCT", "OP", "OPM", "OPR", "OPT", "OPTENF", "OPV", "OSS", "OT", "PT", "PX", "RF", "RG", "RTIMAGE",
        "SM", "SMR", "TG", "US", "VA", "XA", "XC", "XAPROTOCOL",
    }
)  # fmt: skip


def procedure_of(context: Context, *codes: str) -> Procedure | None:
    """The first of these codes that the sender's table has, else the first that is a modality."""
    table = table_of(context.sender.procedures)
    upper = [code.upper() for code in codes if code]
    for code in upper:
        if found := table.get(code):
            return found
    return next((Procedure(code) for code in upper if code in MODALITIES), None)


def device_of(context: Context, *titles: str) -> str:
    """The first of these that is the AE title of a device of the practice; empty where none is."""
    said = [title for title in titles if title and len(title) <= 16]
    if not said:
        return ""
    mine = Remote.objects.filter(practice=context.practice_id, title__in=said, is_active=True)
    known = set(mine.values_list("title", flat=True))
    return next((title for title in said if title in known), "")
