"""The runs that store planes and panoramics as series."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from apps.analysis.kinds import Inputs, Result, Run
from apps.analysis.uids import uid
from apps.archive.models import Study
from apps.dicom.attributes import text
from apps.volumes import slices
from apps.volumes.curves.crossing import cross_sections, places_of
from apps.volumes.curves.panoramic import panoramic
from apps.volumes.derived import naming, stacking
from apps.volumes.derived.facts import SeriesFacts
from apps.volumes.derived.jaw import Jaw, jaw_of
from apps.volumes.derived.making import opened_for, written
from apps.volumes.derived.objects import Calibration, panoramic_object, plane_object
from apps.volumes.derived.parameters import OBLIQUE
from apps.volumes.derived.parent import Parent, parent_of
from apps.volumes.derived.reaching import refused_in_words, volume_in
from apps.volumes.derived.sources import corners
from apps.volumes.derived.stacking import Stack
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.lattices import lattice_of
from apps.volumes.resampling.planes import Orientation, Plane, Projection, Slab
from apps.volumes.resampling.reformatting import reformat

_DESCRIPTION: Final = "0008103E"
_CROSS_SECTIONS: Final = "Cross-sections"


def planes_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Invalid for a volume that is none of the study's, and for planes that can't be made of it."""
    volume = volume_in(study, asked)
    _stack(lattice_of(volume), asked)
    return slices.inputs_of(volume)


def make_planes(run: Run) -> Result:
    """Planes side by side as a series. Raises Invalid, what `cache.opened` raises, and what `run.tell` does."""
    volume = volume_in(run.study, run.parameters)
    voxels = opened_for(run, volume)
    parent = parent_of(volume, voxels)
    stack, slab = _stack(voxels.lattice, run.parameters), _slab(run.parameters)
    facts = _facts(run, parent, "planes", naming.plane_name(stack.planes[0], slab))
    facts = replace(facts, count=len(stack.planes), slab=slab, spacing=stack.spacing)
    facts = replace(facts, thickness=slab.thickness if slab else stack.step)
    objects = _plane_objects(voxels, parent, stack.planes, facts)
    files = tuple(written(run, "plane", objects, 0, len(stack.planes)))
    return Result(files, {"series": [_told(facts)]})


def panoramic_inputs(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Invalid for a volume that is none of the study's, and for an arch that is none."""
    volume = volume_in(study, asked)
    if "arch" in asked:
        _checked(jaw_of(volume, lattice_of(volume), asked))
    return slices.inputs_of(volume)


def make_panoramic(run: Run) -> Result:
    """The panoramic, and cross-sections as a series of their own where they are wanted. Raises as `make_planes`."""
    volume = volume_in(run.study, run.parameters)
    voxels = opened_for(run, volume)
    parent = parent_of(volume, voxels)
    jaw = jaw_of(volume, voxels.lattice, run.parameters)
    planes = _checked(jaw)
    facts = _facts(run, parent, "panoramic", naming.panoramic_name(jaw.slab))
    facts = replace(facts, slab=jaw.slab)
    total = 1 + len(planes)
    files = list(written(run, "panoramic", _panoramic(voxels, parent, jaw, facts), 0, total))
    told = [_told(facts)]
    if planes:
        crossing = _crossing(run, parent, jaw, len(planes))
        files += written(run, "crossing", _plane_objects(voxels, parent, planes, crossing), 1, total)
        told.append(_told(crossing))
    return Result(tuple(files), {"series": told, **_told_of(jaw)})


def _stack(lattice: Lattice, asked: dict[str, Any]) -> Stack:
    """Raises Invalid for too many planes, or too large ones."""
    interval = asked.get("interval")
    with refused_in_words("interval"):
        if asked["orientation"] == OBLIQUE:
            return stacking.oblique(lattice, asked["normal"], interval)
        return stacking.standard(lattice, Orientation(asked["orientation"]), interval)


def _slab(asked: dict[str, Any]) -> Slab | None:
    return Slab(asked["slab"], Projection(asked["projection"])) if asked["slab"] else None


def _checked(jaw: Jaw) -> list[Plane]:
    """The planes of its cross-sections, none where none are wanted. Raises Invalid where the arch is none."""
    with refused_in_words("arch"):
        curve = jaw.curve
    if jaw.sections is None:
        return []
    with refused_in_words("interval"):
        return cross_sections(curve, jaw.sections)


def _facts(run: Run, parent: Parent, role: str, name: str) -> SeriesFacts:
    return SeriesFacts(
        uid=uid(run.seed, f"{role} series"),
        seed=f"{run.seed}/{role}",
        description=naming.of_source(name, text(parent.header, _DESCRIPTION)),
        encoding=parent.encoding,
        flags=parent.flags,
    )


def _crossing(run: Run, parent: Parent, jaw: Jaw, count: int) -> SeriesFacts:
    """Of the cross-sections. They stand upright on a curve, so none says how far the next one is."""
    return replace(_facts(run, parent, "cross-sections", _CROSS_SECTIONS), count=count)


def _plane_objects(voxels: Voxels, parent: Parent, planes: Sequence[Plane], facts: SeriesFacts) -> Iterator[bytes]:
    thickness = facts.slab.thickness if facts.slab else 0.0
    for number, plane in enumerate(planes, start=1):
        with refused_in_words("slab"):
            image = reformat(voxels, plane, facts.slab)
        sources = parent.sources(corners(plane, thickness))
        yield plane_object(parent.header, image, plane, series=facts, number=number, sources=sources)


def _panoramic(voxels: Voxels, parent: Parent, jaw: Jaw, facts: SeriesFacts) -> Iterator[bytes]:
    with refused_in_words("thickness"):
        image = panoramic(voxels, jaw.arch, jaw.panorama)
    calibration = Calibration(jaw.panorama.spacing, jaw.panorama.spacing)
    yield panoramic_object(parent.header, image, calibration, series=facts, sources=parent.sources(jaw.ends()))


def _told(facts: SeriesFacts) -> dict[str, Any]:
    return {"seriesInstanceUid": facts.uid, "description": facts.description, "images": facts.count}


def _told_of(jaw: Jaw) -> dict[str, Any]:
    """The arch and what was shown along it: with these as parameters the same is made again."""
    arch, shown = jaw.arch, jaw.panorama
    told = {
        "arch": [list(point) for point in arch.points],
        "z": arch.z,
        "isProposed": jaw.is_proposed,
        "length": jaw.curve.length,
        "top": shown.top,
        "bottom": shown.bottom,
        "spacing": shown.spacing,
    }
    return told | ({"places": places_of(jaw.curve, jaw.sections)} if jaw.sections else {})
