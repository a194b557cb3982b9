"""Addresses below /viewer/."""

from django.urls import path, re_path

from apps.viewer import views

urlpatterns = [
    path("app-config.js", views.app_config),
    re_path(r"^(?P<path>.*)$", views.serve, name="viewer"),
]
