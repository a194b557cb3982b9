"""Lesions in the admin: the list, and a patient's page with lesions over studies, the sum's chart and responses."""

from apps.lesions.admin.lesions import LesionAdmin

__all__ = ["LesionAdmin"]
