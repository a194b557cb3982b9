"""Which attributes belong to which level, for what an answer holds beyond its ready-made part (PS3.18 8.3.4.3)."""

from collections.abc import Iterable
from typing import Final

from apps.archive.attributes import (
    CHARACTER_SET,
    INSTANCE_ANSWER,
    INSTANCE_AVAILABILITY,
    MODALITIES_IN_STUDY,
    RETRIEVE_URL,
    SERIES_ANSWER,
    SERIES_INSTANCES,
    SERIES_UID,
    STUDY_ANSWER,
    STUDY_INSTANCES,
    STUDY_SERIES,
    STUDY_UID,
)
from apps.archive.query.keys import Level


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What the answers of each level hold, ready-made or computed.
ANSWERED: Final = {
    Level.STUDY: frozenset({tag for tag, _, _ in STUDY_ANSWER})
    | {CHARACTER_SET, INSTANCE_AVAILABILITY, MODALITIES_IN_STUDY, RETRIEVE_URL, STUDY_SERIES, STUDY_INSTANCES},
    Level.SERIES: frozenset({tag for tag, _, _ in SERIES_ANSWER}) | {SERIES_INSTANCES},
    Level.INSTANCE: frozenset({tag for tag, _, _ in INSTANCE_ANSWER}),
}
# The rest of the modules of the Patient and Study entities (PS3.3 C.7.1 and C.7.2), by tag.
_STUDY_MODULES: Final = _tags(
    "00080051 00080062 00080064 00080096 0008009C 0008009D 00081032 00081048 00081049 00081060 00081062 00081080"
    " 00081084 00081110 00081120 00100022 00100024 00100026 00100027 00100028 00100032 00100033 00100034 00100035"
    " 00100101 00100102 00100212 00100213 00100214 00100215 00100216 00100217 00100218 00100219 00100221 00100222"
    " 00100223 00100229 00101000 00101001 00101002 00101005 00101010 00101020 00101021 00101022 00101023 00101024"
    " 00101030 00101040 00101060 00101080 00101081 00101090 00101100 00102000 00102110 00102150 00102152 00102154"
    " 00102155 00102160 00102180 001021A0 001021B0 001021C0 001021D0 001021F0 00102201 00102202 00102203 00102292"
    " 00102293 00102294 00102295 00102296 00102297 00102298 00102299 00104000 00120010 00120020 00120021 00120030"
    " 00120031 00120040 00120042 00120050 00120051 00120060 00120062 00120063 00120064 00120071 00120072 00120081"
    " 00120082 00120083 00120084 00120085 00120086 00120087 00321032 00321033 00321034 00321060 00321064"
    " 00380010 00380014 00380060 00380062 00380064 00380500 00401012 00402016 00402017"
)
# The rest of General Series, General Equipment and Frame of Reference (PS3.3 C.7.3 to C.7.5).
_SERIES_MODULES: Final = _tags(
    "00080070 00080080 00080081 00081040 00081041 00081050 00081052 00081070 00081072 00081090 00081111 00081250"
    " 0008103F 00180050 00181000 00181002 00181008 00181016 00181020 00181030 00181200 00181201 00185100 00200052"
    " 00201040 00280120 00400250 00400251 00400253 00400254 00400260 00400280"
)
# The Patient module (PS3.3 C.7.1.1) and what else tells of the patient and not of one visit (C.2.3, C.2.4).
PATIENT_MODULE: Final = _tags(
    "00100010 00100020 00100021 00100022 00100024 00100026 00100027 00100028 00100030 00100032 00100033 00100034"
    " 00100035 00100040 00100101 00100102 00100212 00100213 00100214 00100215 00100216 00100217 00100218 00100219"
    " 00100221 00100222 00100223 00100229 00101000 00101001 00101002 00101005 00101040 00101060 00101080 00101081"
    " 00101090 00101100 00102150 00102152 00102154 00102155 00102160 001021F0 00102201 00102202 00102203 00102292"
    " 00102293 00102294 00102295 00102296 00102297 00102298 00102299 00104000"
)
_OF_LEVEL: Final = {
    Level.STUDY: ANSWERED[Level.STUDY] | _STUDY_MODULES,
    Level.SERIES: ANSWERED[Level.SERIES] | _SERIES_MODULES,
    Level.INSTANCE: ANSWERED[Level.INSTANCE],
}
_AT_OR_ABOVE: Final = {
    level: frozenset().union(*(tags for one, tags in _OF_LEVEL.items() if one <= level)) for level in Level
}
# What an answer needs no header for: it is there already, or belongs to a lower level.
_NOT_LOOKED_UP: Final = {
    level: frozenset().union(*ANSWERED.values(), *(tags for one, tags in _OF_LEVEL.items() if one > level))
    for level in Level
}
# In the answers of every level, so that no upper one is needed for them.
EVERYWHERE: Final = frozenset({CHARACTER_SET, INSTANCE_AVAILABILITY, RETRIEVE_URL, STUDY_UID, SERIES_UID})


def belongs(tag: str, level: Level) -> bool:
    """Whether an instance's attribute tells of everything at this level, and not of the instance alone."""
    return level is Level.INSTANCE or tag in _AT_OR_ABOVE[level]


def to_look_up(tags: Iterable[str], level: Level) -> frozenset[str]:
    """The attributes among `tags` that only an instance's header has; of a path, its sequence.

    Those of a lower level are left out: they differ from instance to instance (PS3.18 10.6.1.2), and viewers ask
    for some of them with every list of studies. A private attribute comes with its creator (PS3.5 7.8.1).
    """
    wanted = frozenset(tag.partition(".")[0] for tag in tags) - _NOT_LOOKED_UP[level]
    return wanted | {f"{tag[:4]}00{tag[4:6]}" for tag in wanted if int(tag[3], 16) % 2 and tag[4:6] != "00"}


def levels_above(tags: Iterable[str], level: Level) -> frozenset[Level]:
    """The levels above whose ready-made answers hold one of these attributes."""
    wanted = frozenset(tags) - EVERYWHERE
    return frozenset(upper for upper in Level if upper < level and wanted & ANSWERED[upper])
