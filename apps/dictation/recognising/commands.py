"""What can be said in English beside names of phrases: commands for the page, and signs to be written.

Each is said as one utterance, with a pause before and after it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Before the name of a phrase.
MACRO: Final = "macro"

# By what is said: what the page does.
COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "next field": "nextField",
        "previous field": "previousField",
        "next placeholder": "nextPlaceholder",
        "undo that": "undo",
        "restore last change": "redo",
        "remove last text": "deleteThat",
        "confirm this text": "confirm",
        "confirm everything": "confirmAll",
        "save report": "save",
        "sign report": "sign",
        "preview report": "preview",
        "copy findings to impression": "findingsToImpression",
        "go to findings": "goToFindings",
        "go to impression": "goToImpression",
        "go to technique": "goToTechnique",
        "go to history": "goToHistory",
        "go to recommendations": "goToRecommendations",
        "stop listening": "stopListening",
    }
)

# By what is said: what is written.
SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new line": "\n",
        "new paragraph": "\n\n",
        "full stop": ".",
        "insert comma": ",",
        "insert colon": ":",
        "question mark": "?",
        "open bracket": "(",
        "close bracket": ")",
    }
)
