"""The addresses of DICOMweb (PS3.18 10.1), under /dicom-web/, and WADO-URI's.

Trailing slashes are optional: a redirect would lose the body of a POST.
"""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from apps.dicomweb import bulk_data, delete, frames, instances, metadata, qido, rendered, stow, wado_uri

View = Callable[..., HttpResponseBase]

UID: Final = "[0-9.]{1,64}"
STUDY: Final = rf"studies/(?P<study>{UID})"
SERIES: Final = rf"{STUDY}/series/(?P<series>{UID})"
INSTANCE: Final = rf"{SERIES}/instances/(?P<instance>{UID})"
FRAMES: Final = rf"{INSTANCE}/frames/(?P<numbers>[0-9,]{{1,100000}})"
FRAME: Final = rf"{INSTANCE}/frames/(?P<number>[0-9]{{1,9}})"
BULK: Final = rf"{INSTANCE}/bulkdata/(?P<path>[0-9A-F.]{{8,500}})"


def resource(**views: View) -> View:
    """One view for an address, by the request's method. They sign in by themselves and need no CSRF token."""
    by_method = {name.upper(): view for name, view in views.items()}
    if "GET" in by_method:
        by_method["HEAD"] = by_method["GET"]

    def dispatch(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        view = by_method.get(request.method or "")
        return view(request, **arguments) if view else HttpResponseNotAllowed(list(by_method))

    exempt: View = csrf_exempt(dispatch)
    return exempt


def route(pattern: str, **views: View) -> URLPattern:
    return re_path(rf"^dicom-web/{pattern}/?$", resource(**views))


urlpatterns = [
    route(FRAMES, get=frames.frames),
    route(f"{FRAME}/rendered", get=rendered.rendered),
    route(f"{FRAME}/thumbnail", get=rendered.thumbnail),
    route(BULK, get=bulk_data.bulk_data),
    route(f"{INSTANCE}/metadata", get=metadata.instance),
    route(f"{INSTANCE}/rendered", get=rendered.rendered),
    route(f"{INSTANCE}/thumbnail", get=rendered.thumbnail),
    route(INSTANCE, get=instances.instance, delete=delete.instance),
    route(f"{SERIES}/metadata", get=metadata.series),
    route(f"{SERIES}/rendered", get=rendered.rendered),
    route(f"{SERIES}/thumbnail", get=rendered.thumbnail),
    route(f"{SERIES}/instances", get=qido.instances),
    route(SERIES, get=instances.instances, delete=delete.series),
    route(f"{STUDY}/metadata", get=metadata.study),
    route(f"{STUDY}/rendered", get=rendered.rendered),
    route(f"{STUDY}/thumbnail", get=rendered.thumbnail),
    route(f"{STUDY}/series", get=qido.series),
    route(f"{STUDY}/instances", get=qido.instances),
    route(STUDY, get=instances.instances, post=stow.store, delete=delete.study),
    route("studies", get=qido.studies, post=stow.store),
    route("series", get=qido.series),
    route("instances", get=qido.instances),
    re_path(r"^wado/?$", resource(get=wado_uri.retrieve_object)),
]
