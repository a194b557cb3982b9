"""How much a template may hold: far more than one that a person would fill in."""

from typing import Final

SOURCE_BYTES: Final = 256 * 1024
FIELDS: Final = 500
OPTIONS: Final = 1000
SECTIONS: Final = 200
NOTES: Final = 500
PROCEDURES: Final = 20
MODALITIES: Final = 20
# How deep sections lie in sections, and elements in elements.
SECTION_DEPTH: Final = 6
ELEMENT_DEPTH: Final = 100

IDENTIFIER: Final = 200
TITLE: Final = 120
KEY: Final = 64
LABEL: Final = 200
OPTION: Final = 1000
DEFAULT: Final = 10_000
NOTE: Final = 5_000
FILL: Final = 1_000
METADATA: Final = 2_000
CODE_VALUE: Final = 64
CODE_MEANING: Final = 200
LINES: Final = 50
# What is told of a file at most: problems, and what was left out.
TOLD: Final = 50
