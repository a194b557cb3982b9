"""What each field says, in words for who looks through the matches. No values: those stand beside it."""

from functools import cache
from typing import Final

from apps.practice.matching.comparing import Field
from apps.practice.matching.levels import Level
from apps.saying import Sentence, say

_FIELDS: Final = {
    Field.FAMILY: say("Family name"),
    Field.GIVEN: say("Given name"),
    Field.ORDER: say("Order of the names"),
    Field.BIRTH_DATE: say("Birth date"),
    Field.SEX: say("Sex"),
    Field.IDENTIFIER: say("Number"),
    Field.PHONE: say("Telephone"),
    Field.EMAIL: say("E-mail"),
    Field.STREET: say("Street"),
    Field.POSTCODE: say("Postcode"),
    Field.CITY: say("City"),
    Field.REGION: say("Region"),
}
_LEVELS: Final = {
    Level.EXACT: say("the same"),
    Level.PARTIAL: say("a part of it is the same"),
    Level.NICKNAME: say("a short form of the same name"),
    Level.CLOSE: say("the same but for one letter or digit"),
    Level.INITIAL: say("the same initial"),
    Level.ALIKE: say("similar"),
    Level.STRAIGHT: say("the usual one"),
    Level.SWAPPED: say("in the other order"),
    Level.SHORT: say("the same, but too short to tell people apart"),
    Level.NEIGHBOUR: say("the next one, as twins have"),
    Level.OTHER: say("different, perhaps of different kinds"),
    Level.DIFFERENT: say("different"),
    Level.MISSING: say("not known on both sides"),
}
_SPECIAL: Final = {
    (Field.FAMILY, Level.CLOSE): say("Family name: the same but for the spelling"),
    (Field.GIVEN, Level.CLOSE): say("Given name: the same but for the spelling"),
    (Field.BIRTH_DATE, Level.CLOSE): say("Birth date: one digit is different"),
    (Field.BIRTH_DATE, Level.ALIKE): say("Birth date: two digits are different"),
    (Field.BIRTH_DATE, Level.SWAPPED): say("Birth date: day and month have changed places"),
    (Field.ORDER, Level.SWAPPED): say("Family and given name have changed places"),
    (Field.STREET, Level.PARTIAL): say("Street: the same, another house number"),
}


@cache
def words_for(field: Field, level: Level) -> Sentence:
    """One line about one field."""
    return _SPECIAL.get((field, level)) or say("{field}: {level}", field=_FIELDS[field], level=_LEVELS[level])


def said_of(field: str, level: str, otherwise: str) -> str:
    """The line about a field of which only the English is kept: the same again, to be translated."""
    try:
        return words_for(Field(field), Level(level))
    except ValueError:
        return otherwise
