"""What a report starts with: entries from the images, the appointment, the lead, measurements, analyses and priors."""

from apps.reports.filling.entering import filled

__all__ = ["filled"]
