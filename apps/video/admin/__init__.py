"""Videos in the admin."""

from apps.video.admin.masks import MaskTemplateAdmin
from apps.video.admin.policies import PracticePolicyAdmin
from apps.video.admin.procedures import ProcedureAdmin
from apps.video.admin.recordings import RecordingAdmin
from apps.video.admin.videos import VideoAdmin

__all__ = ["MaskTemplateAdmin", "PracticePolicyAdmin", "ProcedureAdmin", "RecordingAdmin", "VideoAdmin"]
