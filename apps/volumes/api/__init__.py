"""Volumes in the REST API: which there are, where they lie, and images out of them on demand."""
