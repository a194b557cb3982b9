"""Names of FHIR R4 (4.0.1) and of the code systems that its resources use here."""

from typing import Final

FHIR_VERSION: Final = "4.0.1"
MEDIA_TYPE: Final = "application/fhir+json"

# Code systems of others.
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
LANGUAGES: Final = "urn:ietf:bcp:47"
IDENTIFIER_TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
CONNECTIONS: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
OBSERVATION_CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
VALUES: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
# What a component group of a DICOM name becomes (ideographic, phonetic).
REPRESENTATION: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"

# How FHIR writes DICOM's UIDs (ImagingStudy, Notes: urn:oid in the system urn:dicom:uid).
DICOM_UID: Final = "urn:dicom:uid"
OID: Final = "urn:oid:"

# Identifiers of this server.
EXTERNAL_ID: Final = "urn:fovea:external-id"
PATIENT_ID: Final = "urn:fovea:patient-id"
ISSUER: Final = "urn:fovea:issuer:"
HEALTH_NUMBER: Final = "urn:fovea:health-number"
ACCESSION: Final = "urn:fovea:accession-number"
STEP_ID: Final = "urn:fovea:step-id"
REPORT: Final = "urn:fovea:report"
AE_TITLE: Final = "urn:fovea:ae-title"
OWN: Final = "urn:fovea:"

# Codes of IDENTIFIER_TYPES.
TYPE_ACCESSION: Final = "ACSN"
TYPE_MEDICAL_RECORD: Final = "MR"
TYPE_HEALTH_CARD: Final = "HC"
TYPE_FILLER: Final = "FILL"

IMAGING: Final = ("363679005", "Imaging")
