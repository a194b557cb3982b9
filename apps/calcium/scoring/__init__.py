"""The scores of coronary calcium; pure."""

from typing import Final

# Raised when the same images and parameters give another score.
VERSION: Final = 1
