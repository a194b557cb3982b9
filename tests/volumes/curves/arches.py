"""Arches to test along."""

from apps.archive.phantom import jaw
from apps.volumes.curves.arch import Arch


def small_arch(z: float = 0.0) -> Arch:
    """One that lies within the usual small lattice: 24 mm wide and 16 deep, open to the back."""
    return Arch(((-12.0, 9.0), (-9.0, 0.0), (0.0, -7.0), (9.0, 0.0), (12.0, 9.0)), z)


def jaw_arch() -> Arch:
    """The jaw phantom's own."""
    return Arch(tuple((float(x), jaw.arch(x)) for x in (-31, -27, -20, -10, 0, 10, 20, 27, 31)), 0.0)
