"""ImagingStudy: the studies of the archive."""
