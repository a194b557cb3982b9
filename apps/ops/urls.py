"""Health and metrics."""

from django.urls import path

from apps.ops import views

urlpatterns = [
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", views.metrics_text),
]
