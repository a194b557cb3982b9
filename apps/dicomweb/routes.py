"""The resources of DICOMweb below its root (PS3.18 10.1, table H-1), and what each of their methods does.

One table serves the addresses (`urls`), the capabilities that a client can ask for, and the conformance statement.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.http.response import HttpResponseBase

from apps.accounts.permissions import Permission
from apps.dicomweb import bulk_data, delete, frames, instances, metadata, qido, rendered, stow
from apps.dicomweb.accept import MULTIPART
from apps.dicomweb.media_types import DICOM, DICOM_JSON, DICOM_XML, OCTETS, PIXEL_TYPES, ZIP
from apps.dicomweb.workitems import views as workitems
from apps.dicomweb.workitems import watching
from apps.worklist.models.workitems import WRITING

View = Callable[..., HttpResponseBase]

UID: Final = "[0-9.]{1,64}"
# What the variables of a template match.
VARIABLES: Final = {
    "study": UID,
    "series": UID,
    "instance": UID,
    "numbers": "[0-9,]{1,100000}",
    "number": "[0-9,]{1,100000}",
    "path": "[0-9A-F.]{8,500}",
    "workitem": UID,
    "aetitle": "[^/]{1,16}",
}
STUDY: Final = "studies/{study}"
SERIES: Final = f"{STUDY}/series/{{series}}"
INSTANCE: Final = f"{SERIES}/instances/{{instance}}"
FRAME: Final = f"{INSTANCE}/frames/{{number}}"
WORKITEM: Final = "workitems/{workitem}"
SUBSCRIBER: Final = f"{WORKITEM}/subscribers/{{aetitle}}"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a method does: its name and its paragraph in PS3.18, the media types it takes and gives, its parameters.

    `section` is empty for what the standard does not have. Nobody gets further without the permission.
    """

    name: str
    section: str
    permission: Permission
    view: View
    gives: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A resource by its URI template (RFC 6570), relative to the root, and its transactions by their methods."""

    template: str
    transactions: Mapping[str, Transaction]

    @property
    def pattern(self) -> str:
        """The template as a regular expression."""
        return re.sub(r"\{(\w+)\}", lambda match: f"(?P<{match[1]}>{VARIABLES[match[1]]})", self.template)


def _parts(media_type: str) -> str:
    return f'{MULTIPART}; type="{media_type}"'


_BODIES: Final = (*map(_parts, (DICOM, DICOM_JSON, DICOM_XML)), DICOM, DICOM_JSON, DICOM_XML)
_DATA_SETS: Final = (DICOM_JSON, _parts(DICOM_XML))
_PIXELS: Final = (*dict.fromkeys(PIXEL_TYPES.values()), OCTETS)
_IMAGES: Final = tuple(offer.type for offer in rendered.IMAGE_OFFERS)
_MOVIES: Final = tuple(offer.type for offer in rendered.CINE_OFFERS)
_TEXTS: Final = ("application/pdf", "text/html", "text/plain")
_SEARCHING: Final = ("{attribute}", "includefield", "fuzzymatching", "limit", "offset")
_RENDERING: Final = ("annotation", "quality", "viewport", "window", "iccprofile")
_ONE_DATA_SET: Final = (DICOM_JSON, DICOM_XML)
_SMALL: Final = rendered.THUMBNAIL_PARAMETERS


def _search(name: str, view: View) -> dict[str, Transaction]:
    return {"GET": Transaction(f"Search for {name}", "10.6", Permission.VIEW, view, _DATA_SETS, parameters=_SEARCHING)}


def _store(name: str) -> dict[str, Transaction]:
    return {
        "POST": Transaction(f"Store {name}", "10.5", Permission.UPLOAD, stow.store, (DICOM_JSON, DICOM_XML), _BODIES)
    }


def _delete(name: str, view: View) -> dict[str, Transaction]:
    return {"DELETE": Transaction(f"Delete {name}", "", Permission.DELETE, view)}


def _retrieve(
    name: str,
    view: View,
    gives: tuple[str, ...],
    parameters: tuple[str, ...] = ("accept",),
    permission: Permission = Permission.VIEW,
) -> dict[str, Transaction]:
    return {"GET": Transaction(f"Retrieve {name}", "10.4", permission, view, gives, parameters=parameters)}


def _files(name: str, view: View, gives: tuple[str, ...]) -> dict[str, Transaction]:
    return _retrieve(name, view, gives, permission=Permission.DOWNLOAD)


def _shown(template: str, name: str, gives: tuple[str, ...]) -> tuple[Route, ...]:
    """The rendered resource of a resource, and its thumbnail."""
    pictures = _retrieve(f"Rendered {name}", rendered.rendered, gives, ("accept", *_RENDERING))
    small = _retrieve(f"{name} Thumbnail", rendered.thumbnail, (rendered.JPEG,), _SMALL)
    return Route(f"{template}/rendered", pictures), Route(f"{template}/thumbnail", small)


def _workitem(
    method: str, name: str, section: str, view: View, takes: tuple[str, ...] = (), parameters: tuple[str, ...] = ()
) -> dict[str, Transaction]:
    """A transaction of the worklist service: what takes a data set writes. Who may look may also listen."""
    gives = _ONE_DATA_SET if method == "GET" else ()
    permission = WRITING if takes else Permission.VIEW
    return {method: Transaction(name, section, permission, view, gives, takes, parameters)}


_FILE: Final = (_parts(DICOM), DICOM, ZIP)
_FILES: Final = (_parts(DICOM), ZIP)
_FRAME_PARTS: Final = tuple(map(_parts, _PIXELS))

# What viewers ask for most comes first.
ROUTES: Final = (
    Route(f"{INSTANCE}/frames/{{numbers}}", _retrieve("Frames", frames.frames, (*_FRAME_PARTS, *_PIXELS))),
    *_shown(FRAME, "Frame", _IMAGES),
    Route(f"{INSTANCE}/bulkdata/{{path}}", _retrieve("Bulk Data", bulk_data.bulk_data, (OCTETS, _parts(OCTETS)))),
    Route(f"{INSTANCE}/metadata", _retrieve("Instance Metadata", metadata.instance, (*_DATA_SETS, DICOM_XML))),
    *_shown(INSTANCE, "Instance", (*_MOVIES, *_TEXTS)),
    Route(INSTANCE, _files("Instance", instances.instance, _FILE) | _delete("Instance", delete.instance)),
    Route(f"{SERIES}/metadata", _retrieve("Series Metadata", metadata.series, _DATA_SETS)),
    *_shown(SERIES, "Series", (*_MOVIES, *_TEXTS)),
    Route(f"{SERIES}/instances", _search("Study Series Instances", qido.instances)),
    Route(SERIES, _files("Series", instances.instances, _FILES) | _delete("Series", delete.series)),
    Route(f"{STUDY}/metadata", _retrieve("Study Metadata", metadata.study, _DATA_SETS)),
    *_shown(STUDY, "Study", (*_MOVIES, *_TEXTS)),
    Route(f"{STUDY}/series", _search("Study Series", qido.series)),
    Route(f"{STUDY}/instances", _search("Study Instances", qido.instances)),
    Route(
        STUDY,
        _files("Study", instances.instances, _FILES) | _store("Study Instances") | _delete("Study", delete.study),
    ),
    Route("studies", _search("Studies", qido.studies) | _store("Instances")),
    Route("series", _search("Series", qido.series)),
    Route("instances", _search("Instances", qido.instances)),
    Route(
        "workitems",
        {
            "GET": Transaction(
                "Search for Workitems", "11.9", Permission.VIEW, workitems.search, _DATA_SETS, parameters=_SEARCHING
            )
        }
        | _workitem("POST", "Create Workitem", "11.4", workitems.create, _ONE_DATA_SET, ("AffectedSOPInstanceUID",)),
    ),
    Route(
        WORKITEM,
        _workitem("GET", "Retrieve Workitem", "11.5", workitems.retrieve, parameters=("accept",))
        | _workitem("POST", "Update Workitem", "11.6", workitems.update, _ONE_DATA_SET, ("transaction-uid",)),
    ),
    Route(
        f"{WORKITEM}/state",
        _workitem("PUT", "Change Workitem State", "11.7", workitems.change_state, _ONE_DATA_SET),
    ),
    Route(
        f"{WORKITEM}/cancelrequest",
        _workitem("POST", "Request Cancellation", "11.8", workitems.request_cancellation, _ONE_DATA_SET),
    ),
    Route(
        SUBSCRIBER,
        _workitem("POST", "Subscribe", "11.10", watching.subscribe, parameters=("deletionlock", "filter"))
        | _workitem("DELETE", "Unsubscribe", "11.11", watching.unsubscribe),
    ),
    Route(f"{SUBSCRIBER}/suspend", _workitem("POST", "Suspend Global Subscription", "11.12", watching.suspend)),
)
