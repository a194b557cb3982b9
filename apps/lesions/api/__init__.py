"""Lesions in the REST API: which there are, how each was found, and the assessment of a study."""
