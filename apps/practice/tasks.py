"""The jobs of the practice's parts: each part's own module registers them."""

from apps.practice.appointments import tasks as appointments

__all__ = ["appointments"]
