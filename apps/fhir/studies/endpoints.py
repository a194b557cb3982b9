"""Endpoint (FHIR R4): where the images of all studies are, by DICOMweb."""

from typing import Final

from apps.fhir import terms
from apps.fhir.datatypes import Json, coding, concept, versioned

KIND: Final = "Endpoint"
DICOMWEB: Final = "dicomweb"
ROOT: Final = "/dicom-web"


def endpoint(site: str) -> Json:
    """The one that there is; `site` is the address of the server, without a slash at its end."""
    resource = {
        "status": "active",
        "connectionType": coding(terms.CONNECTIONS, "dicom-wado-rs", "DICOM WADO-RS"),
        "name": "DICOMweb",
        "payloadType": [concept("DICOM")],
        "payloadMimeType": ["application/dicom", "application/dicom+json"],
        "address": f"{site}{ROOT}",
    }
    return versioned(resource, KIND, DICOMWEB)
