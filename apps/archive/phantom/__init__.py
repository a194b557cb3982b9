"""Patients who don't exist: a head as a CT volume and as a radiograph, made in code, the same every time."""

from apps.archive.phantom.images import radiograph, slices
from apps.archive.phantom.objects import uid

__all__ = ["radiograph", "slices", "uid"]
