"""Patients who don't exist: a head as a CT volume and as a radiograph, made in code, the same every time."""

from apps.archive.phantom.examples import DemoStudy, demo_studies
from apps.archive.phantom.images import radiograph, slices

__all__ = ["DemoStudy", "demo_studies", "radiograph", "slices"]
