"""The DICOM network in the admin: remotes, who called and is not known, and this server's own AE titles."""

from apps.remotes.admin.callers import UnknownCallerAdmin
from apps.remotes.admin.remotes import RemoteAdmin
from apps.remotes.admin.titles import ApplicationEntityAdmin

__all__ = ["ApplicationEntityAdmin", "RemoteAdmin", "UnknownCallerAdmin"]
