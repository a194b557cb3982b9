"""A link's entrance, `/s/<secret>`, and where a share's mounted addresses begin, `/s/<number>/` (mount.py)."""

from django.urls import re_path

from apps.sharing.views import EntranceView, ReturnView

urlpatterns = [
    re_path(r"^(?P<pk>[0-9]{1,18})/?$", ReturnView.as_view(), name="share-return"),
    # A secret has 43 characters; of what is no secret the page says so.
    re_path(r"^(?P<secret>[^/]{1,200})/?$", EntranceView.as_view(), name="share"),
]
