"""What is wrong with a template, in words for whoever wrote it."""

from dataclasses import dataclass

from apps.saying import Sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or was left out, and its line in the source, from 1, where that is known."""

    text: Sentence
    line: int | None = None


class BadTemplate(ValueError):
    """The source is no template that can be used; `problems` says why, at least one."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].text)
        self.problems = problems
