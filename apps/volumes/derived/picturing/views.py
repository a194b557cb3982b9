"""From where a picture is taken; pure."""

from dataclasses import dataclass
from math import cos, radians, sin

from apps.volumes.geometry.lattice import Vector


@dataclass(frozen=True, slots=True)
class View:
    """Degrees: `azimuth` 0 is the patient's front and 90 their left side; `elevation` 90 is above their head."""

    azimuth: float
    elevation: float = 0.0

    @property
    def towards_viewer(self) -> Vector:
        """The unit vector (LPS) from the patient to the viewer."""
        azimuth, elevation = radians(self.azimuth), radians(self.elevation)
        return sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation)

    @property
    def up(self) -> Vector:
        """The unit vector (LPS) that goes upwards in the picture."""
        azimuth, elevation = radians(self.azimuth), radians(self.elevation)
        return -sin(azimuth) * sin(elevation), cos(azimuth) * sin(elevation), cos(elevation)


def turn(count: int, elevation: float = 0.0) -> list[View]:
    """Views once around the patient, at even steps, from the front on towards their left."""
    return [View(360.0 * step / count, elevation) for step in range(count)]
