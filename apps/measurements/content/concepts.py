"""The concepts that measurements are named with, each with its code; their texts are the standard's (PS3.16)."""

from typing import Final

from apps.dicom.sr_tree import Code

# CID 7469, 7461, 7470, 218: what is measured of lines, areas and volumes.
LENGTH: Final = Code("Length", "410668003", "SCT")
