"""UIDs of films that lie on this machine: the same file of which the same is said gives the same object again."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson

from apps.archive.objects import disk_errors
from apps.video.objects import sidecar
from apps.video.objects.metadata import Metadata
from apps.video.objects.uids import seed, uid
from apps.video.wishes import Wishes, policy_json

# Beside film.mp4: film.mp4.json, or film.json.
SIDECAR: Final = ".json"
# Bytes of a name, as far as file systems have them.
LONGEST_NAME: Final = 255


def digest_of(file: Path) -> str:
    """The SHA-256 of a file. Raises Unavailable where it can't be read."""
    try:
        with file.open("rb", buffering=0) as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise disk_errors(error) from error


def details_of(beside: Path | None) -> bytes | None:
    """What a sidecar holds, as far as one may go; None for none. Raises Unavailable where it can't be read."""
    if beside is None:
        return None
    try:
        with beside.open("rb") as opened:
            return opened.read(sidecar.MAX_SIZE + 1)
    except OSError as error:
        raise disk_errors(error) from error


def written(name: str) -> str:
    """A file's name as text, with marks in the place of bytes that are none."""
    return name.encode("utf-8", "replace").decode("utf-8")


def sidecar_beside(file: Path) -> Path | None:
    """The sidecar that lies beside a film, if there is one."""
    named = (file.with_name(file.name + SIDECAR), file.with_suffix(SIDECAR))
    possible = (each for each in named if each != file and len(os.fsencode(each.name)) <= LONGEST_NAME)
    return next((each for each in possible if each.is_file()), None)


def identified(wishes: Wishes, practice_id: int, sha256: str, first: str = "") -> Wishes:
    """The same wishes with all UIDs, which follow from the file, the practice, and what is wanted of it.

    `first` is what films of one study have in common, where neither a Study Instance UID nor an Accession Number is
    said: the first one's SHA-256, say; "" for a study of its own.
    """
    metadata = wishes.metadata
    wanted = orjson.dumps([sidecar.encoded(metadata), policy_json(wishes.policy)], option=orjson.OPT_SORT_KEYS)
    key = seed(str(practice_id), sha256, hashlib.sha256(wanted).hexdigest())
    return replace(
        wishes,
        metadata=replace(
            metadata,
            sop_instance_uid=uid(key, "instance"),
            series=replace(metadata.series, uid=metadata.series.uid or uid(key, "series")),
            study=replace(metadata.study, uid=metadata.study.uid or _study(metadata, practice_id, first or sha256)),
        ),
    )


def _study(metadata: Metadata, practice_id: int, first: str) -> str:
    """What was asked for; what has one Accession Number; else what came together."""
    if metadata.requested.study_uid:
        return metadata.requested.study_uid
    patient, number = metadata.patient.id, metadata.study.accession_number
    together = ("accession", patient, number) if number else ("file", patient, first)
    return uid(seed(str(practice_id), *together), "study")
