"""The responses, of targets, of non-targets and overall; and what people call them."""

from enum import StrEnum
from typing import Final

from apps.saying import Sentence, say


class Response(StrEnum):
    COMPLETE = "CR"
    PARTIAL = "PR"
    STABLE = "SD"
    NEITHER = "Non-CR/Non-PD"
    PROGRESSIVE = "PD"
    NOT_EVALUABLE = "NE"


WORDS: Final[dict[Response, Sentence]] = {
    Response.COMPLETE: say("Complete response"),
    Response.PARTIAL: say("Partial response"),
    Response.STABLE: say("Stable disease"),
    Response.NEITHER: say("Neither complete response nor progression"),
    Response.PROGRESSIVE: say("Progressive disease"),
    Response.NOT_EVALUABLE: say("Not evaluable"),
}
