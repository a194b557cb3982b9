"""Measurements in the admin: the list, the page of one, and charts of values over time."""

from apps.measurements.admin.measurements import MeasurementAdmin

__all__ = ["MeasurementAdmin"]
