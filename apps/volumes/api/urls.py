"""The addresses of volumes below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.volumes.api.dental_views import ArchView, CrossSectionsView, CrossSectionView, PanoramicView
from apps.volumes.api.planes_views import ObliqueView, PlaneView
from apps.volumes.api.views import VolumesView, VolumeView

urlpatterns: Final[list[URLPattern]] = [
    route("volumes", VolumesView.as_view(), "api-volumes"),
    route("volumes/<int:pk>", VolumeView.as_view(), "api-volume"),
    route("volumes/<int:pk>/planes/oblique", ObliqueView.as_view(), "api-volume-oblique"),
    route("volumes/<int:pk>/planes/<str:orientation>", PlaneView.as_view(), "api-volume-plane"),
    route("volumes/<int:pk>/arch", ArchView.as_view(), "api-volume-arch"),
    route("volumes/<int:pk>/panoramic", PanoramicView.as_view(), "api-volume-panoramic"),
    route("volumes/<int:pk>/cross-sections", CrossSectionsView.as_view(), "api-volume-cross-sections"),
    route("volumes/<int:pk>/cross-sections/image", CrossSectionView.as_view(), "api-volume-cross-section"),
]
