"""Searching the index: the one implementation of DICOM attribute matching (PS3.4 C.2.2.2).

QIDO-RS, C-FIND and the worklists ask through `find`, and see no more than their principal may.
"""

from apps.archive.query.answers import Answer
from apps.archive.query.keys import Level, tag_path
from apps.archive.query.listing import Listing, listing, patients
from apps.archive.query.search import DEFAULT_LIMITS, MAX_LIMITS, MAX_OFFSET, Search, find

__all__ = [
    "DEFAULT_LIMITS",
    "MAX_LIMITS",
    "MAX_OFFSET",
    "Answer",
    "Level",
    "Listing",
    "Search",
    "find",
    "listing",
    "patients",
    "tag_path",
]
