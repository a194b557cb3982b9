"""Texts for people: said in English where they arise, and in the reader's language where they are read.

Whoever refuses something seldom knows who will read why: the same error ends up in a page, a problem document, the log
and a DICOM status. So a text keeps the sentence and what fills it apart, and is the English one for whoever takes it
as it is. Pure, so that the readers of DICOM files use it too; `core.languages` translates.
"""

from typing import Any, Self


class Sentence(str):
    """A text with what it was made of: `template` (and `plural`), with the places of str.format, and `values`."""

    __slots__ = ("number", "plural", "template", "values")

    template: str
    plural: str
    number: int
    values: dict[str, Any]

    def __new__(cls, template: str, values: dict[str, Any], plural: str = "", number: int = 1) -> Self:
        sentence = super().__new__(cls, (plural if plural and number != 1 else template).format(**values))
        sentence.template, sentence.plural, sentence.number, sentence.values = template, plural, number, values
        return sentence

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.template, self.values, self.plural, self.number


def say(template: str, /, **values: Any) -> Sentence:
    """`say("{name} is unknown.", name=…)`: the template is what is looked up in the catalogues, so it is a literal."""
    return Sentence(template, values)


def say_count(one: str, many: str, count: int, /, **values: Any) -> Sentence:
    """As `say`, by a number: `{count}` is filled with it."""
    return Sentence(one, {"count": count, **values}, many, count)


def together(*texts: str) -> Sentence:
    """Several texts as one, each translated by itself."""
    values = {f"text{number}": text for number, text in enumerate(texts)}
    return Sentence(" ".join(f"{{{name}}}" for name in values), values)
