"""What a caller wants of a film: whose it is, what it is of, and how it is converted; read from fields and a sidecar.

Said more than once, the later of these counts: the lead, appointment or step, the sidecar, the fields of the form. Only
the patient is always that of the step, appointment or lead where one is named: a film must not go to somebody else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from typing import Any, Final

import orjson
from rest_framework import serializers

from apps.core.errors import Invalid
from apps.core.serializers import CamelCaseSerializer
from apps.practice.models import Appointment, Lead
from apps.saying import say
from apps.video import errors, origins
from apps.video.administering import policy_of
from apps.video.conversion.policy import Hevc, Interlace, Mask, Mjpeg, Policy, Sound, Speed, Timing
from apps.video.models import HEVCS, INTERLACES, MJPEGS, SOUNDS, SPEEDS, TIMINGS, MaskTemplate
from apps.video.objects import sidecar
from apps.video.objects.metadata import Laterality, Metadata, Sex
from apps.video.objects.presets import PRESETS
from apps.worklist.models import ScheduledStep

LARGEST: Final = 2**63 - 1
LEVELS: Final = 5
WRONG: Final = say("The video was not taken: see errors.")
NO_SUCH: Final = say("There is no such thing in this practice.")
# What a sidecar may not say: these follow from the file, so that it never becomes two objects.
FOLLOWING: Final = ("sopInstanceUid", "synchronization", "references", "masksCoverAll")
KINDS: Final[dict[str, type]] = {
    "sound": Sound,
    "hevc": Hevc,
    "mjpeg": Mjpeg,
    "interlace": Interlace,
    "timing": Timing,
    "speed": Speed,
}
# Where each field of the form stands in a sidecar.
PLACES: Final = {
    "preset": ("preset",),
    "modality": ("modality",),
    "laterality": ("laterality",),
    "acquired": ("acquired",),
    "comments": ("comments",),
    "patient_id": ("patient", "id"),
    "patient_name": ("patient", "name"),
    "patient_birth_date": ("patient", "birthDate"),
    "patient_sex": ("patient", "sex"),
    "accession_number": ("study", "accessionNumber"),
    "study_description": ("study", "description"),
    "series_description": ("series", "description"),
    "manufacturer": ("equipment", "manufacturer"),
    "model": ("equipment", "model"),
}


def _id(text: str) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text=text)


def _line(most: int = 64, text: str = "") -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=most, help_text=text)


class WishesSerializer(CamelCaseSerializer):
    """Whose the film is (a step, an appointment or a lead, or the fields), what it is of, how it is converted."""

    step = _id("A scheduled step.")
    appointment = _id("An appointment.")
    lead = _id("A lead.")
    masks = _id("A mask template; without it that of the device, if there is one.")
    preset = serializers.ChoiceField(sorted(PRESETS), required=False, help_text="The specialty.")
    modality = _line(16, "Instead of the preset's.")
    laterality = serializers.ChoiceField([each.value for each in Laterality if each], required=False)
    acquired = _line(40, "When it was recorded, such as 2026-11-22T09:30:00+01:00.")
    comments = _line(2000)
    patient_id = _line()
    patient_name = _line(200, "Such as Doe^Jane.")
    patient_birth_date = serializers.DateField(required=False)
    patient_sex = serializers.ChoiceField([each.value for each in Sex if each], required=False)
    accession_number = _line(16)
    study_description = _line()
    series_description = _line()
    manufacturer = _line(64, "Of the device that recorded it.")
    model = _line()
    sound = serializers.ChoiceField(SOUNDS, required=False)
    hevc = serializers.ChoiceField(HEVCS, required=False)
    mjpeg = serializers.ChoiceField(MJPEGS, required=False)
    interlace = serializers.ChoiceField(INTERLACES, required=False)
    timing = serializers.ChoiceField(TIMINGS, required=False)
    speed = serializers.ChoiceField(SPEEDS, required=False)
    keep_4k = serializers.BooleanField(required=False)
    rate = serializers.RegexField(
        r"\A[1-9]\d{0,5}(?:/[1-9]\d{0,5})?\Z", required=False,
        help_text="Pictures a second, such as 25 or 30000/1001, for films that don't say it.",
    )  # fmt: skip


FIELDS: Final = frozenset(WishesSerializer().fields)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Checked: what the rows named are the practice's, and the metadata can become an object."""

    metadata: Metadata
    policy: Policy
    step: ScheduledStep | None = None
    appointment: Appointment | None = None
    lead: Lead | None = None
    mask_template: MaskTemplate | None = None


def read(practice_id: int, said: Mapping[str, Any], details: bytes | None, *, study: str) -> Wishes:
    """The wishes of a form's fields and a sidecar. `study` is what the Study UID follows from where nothing says it.

    Raises Invalid with the fields that are wrong.
    """
    asked = WishesSerializer(data=dict(said))
    if unknown := sorted(set(said) - FIELDS):
        raise Invalid(WRONG, [(name, say("There is no such field of a video.")) for name in unknown])
    if not asked.is_valid():
        raise Invalid(WRONG, [(name, str(texts[0])) for name, texts in asked.errors.items()])
    given: dict[str, Any] = asked.validated_data
    rows = _rows(practice_id, given)
    told = _told(rows, _sidecar(details), given)
    _put(told, ("study", "uid"), _at(told, ("study", "uid")) or study)
    metadata = _metadata(told)
    template = rows.get("masks") or _of_device(practice_id, metadata)
    return Wishes(
        replace(metadata, masks_cover_all=bool(template and template.covers_all)),
        _policy(practice_id, given, template),
        rows.get("step"),
        rows.get("appointment"),
        rows.get("lead"),
        template,
    )


def policy_json(policy: Policy) -> dict[str, Any]:
    """A policy as it is kept with a video."""
    return {**asdict(policy), "rate": str(policy.rate) if policy.rate else None}


def policy_of_json(told: Mapping[str, Any]) -> Policy:
    """The policy that `policy_json` wrote, by this version or the one before."""
    known = {each.name for each in fields(Policy)}
    values = {name: KINDS.get(name, lambda value: value)(value) for name, value in told.items() if name in known}
    values["masks"] = tuple(Mask(**each) for each in told.get("masks", ()))
    values["rate"] = Fraction(told["rate"]) if told.get("rate") else None
    return Policy(**values)


def _rows(practice_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """The step, appointment, lead and mask template that are named; Invalid for what is not the practice's."""
    kinds: dict[str, Any] = {
        "step": ScheduledStep.objects,
        "appointment": Appointment.objects.select_related("lead", "step"),
        "lead": Lead.objects.alive(),
        "masks": MaskTemplate.objects,
    }
    found = {name: kinds[name].filter(practice=practice_id, pk=given[name]).first() for name in kinds if name in given}
    if missing := [name for name, row in found.items() if row is None]:
        raise Invalid(WRONG, [(name, NO_SUCH) for name in missing])
    if len(whose := [name for name in ("step", "appointment", "lead") if name in found]) > 1:
        raise Invalid(WRONG, [(name, say("Name a step, an appointment or a lead, and one alone.")) for name in whose])
    return found


def _told(rows: Mapping[str, Any], details: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """All that is said, the later over the earlier, in a sidecar's words."""
    origin = _of_rows(rows)
    told = _over(origin, details)
    for name, place in PLACES.items():
        if name in given:
            _put(told, place, str(given[name]))
    if "patient" in origin:
        told["patient"] = origin["patient"]
    return _without_nothing(told)


def _of_rows(rows: Mapping[str, Any]) -> dict[str, Any]:
    if step := rows.get("step"):
        return origins.of_step(step)
    if appointment := rows.get("appointment"):
        return origins.of_appointment(appointment)
    lead = rows.get("lead")
    return {"patient": origins.of_lead(lead)} if lead else {}


def _sidecar(details: bytes | None) -> dict[str, Any]:
    if details is None:
        return {}
    if len(details) > sidecar.MAX_SIZE:
        raise Invalid(WRONG, [("metadata", say("It has more than {most} KiB.", most=sidecar.MAX_SIZE >> 10))])
    try:
        told = orjson.loads(details)
    except orjson.JSONDecodeError as error:
        raise Invalid(WRONG, [("metadata", say("It is not JSON in UTF-8."))]) from error
    if not isinstance(told, dict) or _is_deeper(told, LEVELS):
        raise Invalid(WRONG, [("metadata", say("Write a JSON object, nested as docs/video.md says."))])
    if ours := [name for name in FOLLOWING if name in told]:
        raise Invalid(WRONG, [(name, say("This can't be said of a film: it follows from the file.")) for name in ours])
    return told


def _metadata(told: dict[str, Any]) -> Metadata:
    try:
        return sidecar.read(orjson.dumps(told))
    except errors.Refused as error:
        raise Invalid(WRONG, [("metadata", error.reason)]) from error


def _of_device(practice_id: int, metadata: Metadata) -> MaskTemplate | None:
    """The template of the device that is named, whatever letters it is written in."""
    device = metadata.equipment
    if not (device.manufacturer and device.model):
        return None
    named = {"manufacturer__iexact": device.manufacturer, "model__iexact": device.model}
    return MaskTemplate.objects.filter(practice=practice_id, **named).order_by("pk").first()


def _policy(practice_id: int, given: Mapping[str, Any], template: MaskTemplate | None) -> Policy:
    wanted: dict[str, Any] = {name: kind(given[name]) for name, kind in KINDS.items() if name in given}
    if "keep_4k" in given:
        wanted["keep_4k"] = given["keep_4k"]
    if "rate" in given:
        wanted["rate"] = Fraction(given["rate"])
    masks = template.rectangles() if template else ()
    return replace(policy_of(practice_id).policy(), masks=masks, **wanted)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with what `above` says where both say something."""
    merged = dict(below)
    for name, value in above.items():
        known = merged.get(name)
        is_inner = isinstance(known, dict) and isinstance(value, dict)
        merged[name] = _over(known, value) if is_inner else value  # type: ignore[arg-type]
    return merged


def _put(told: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *outer, name = place
    for each in outer:
        inner = told.get(each)
        told[each] = told = inner if isinstance(inner, dict) else {}
    told[name] = value


def _at(told: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    for each in place:
        told = told.get(each) or {}
    return told


def _is_deeper(told: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than `levels` deep."""
    if not isinstance(told, dict | list):
        return False
    inner = told.values() if isinstance(told, dict) else told
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _without_nothing(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what is empty."""
    return dict(_named(told))


def _named(told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        inner = _without_nothing(value) if isinstance(value, dict) else value
        if inner not in (None, "", {}, []):
            yield name, inner
