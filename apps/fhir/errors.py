"""Errors that FHIR's clients are told in words of their own."""

from apps.core.errors import Invalid, NotFound, PreconditionFailed


class Unprocessable(Invalid):
    """The resource is well-formed, and can't be taken as it is (FHIR R4, RESTful API 3.1.0.8). Fields by FHIRPath."""

    status = 422


class Gone(NotFound):
    """It was there, and has been deleted (FHIR R4, RESTful API 3.1.0.2)."""

    status = 410


class Duplicate(PreconditionFailed):
    """Several resources meet the criteria of a conditional create or update (3.1.0.8.1)."""
