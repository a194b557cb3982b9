"""Notifications in the admin: the bell's page, and what a practice decides."""

from apps.notifications.admin.notifications import NotificationAdmin
from apps.notifications.admin.practice import PolicyAdmin, WatchAdmin

__all__ = ["NotificationAdmin", "PolicyAdmin", "WatchAdmin"]
