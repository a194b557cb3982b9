"""Deleting by DICOMweb, as other archives offer it: an extension of PS3.18."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.accounts.authentication import sign_in
from apps.archive import lifecycle


def study(request: HttpRequest, study: str) -> HttpResponseBase:
    """Delete a study: 204, or 404 for one that isn't there or is hidden."""
    lifecycle.delete_study(sign_in(request), study)
    return HttpResponse(status=204)


def series(request: HttpRequest, study: str, series: str) -> HttpResponseBase:
    """Delete a series."""
    lifecycle.delete_series(sign_in(request), study, series)
    return HttpResponse(status=204)


def instance(request: HttpRequest, study: str, series: str, instance: str) -> HttpResponseBase:
    """Delete an instance."""
    lifecycle.delete_instance(sign_in(request), study, series, instance)
    return HttpResponse(status=204)
