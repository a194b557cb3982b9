"""Patients who don't exist: a head as a CT and as a radiograph, jaws as a dental CT; made in code, always the same."""

from apps.archive.phantom.examples import DemoStudy, demo_studies
from apps.archive.phantom.images import cone_beam, radiograph, slices

__all__ = ["DemoStudy", "cone_beam", "demo_studies", "radiograph", "slices"]
