"""People for the tests of matching, and any people at all."""

from hypothesis import strategies as st

from apps.practice.matching.person import Facts, Person, WrittenAddress, WrittenName, person

ANA = Facts(
    names=(WrittenName("Tremblay", "Ana"),),
    birth_date="1985-07-14",
    sex="F",
    identifiers=(("1234098", "LOCAL"),),
    addresses=(WrittenAddress("12 Elm Street", "Laval", "H7A 1B2", "QC"),),
)


def somebody(family: str = "Tremblay", given: str = "Ana", birth_date: str = "1985-07-14", **others: object) -> Person:
    """A person by name and birth date, with whatever other facts."""
    return person(Facts(names=(WrittenName(family, given),), birth_date=birth_date, **others))  # type: ignore[arg-type]


def numbered(value: str, system: str = "LOCAL", **others: str) -> Person:
    """A person with a number."""
    return somebody(identifiers=((value, system),), **others)


_TEXTS = st.text(max_size=40) | st.sampled_from(["", "UNKNOWN", "Müller-Lüders", "Иванов", "山田", "O'Brien", "Dr"])
_PLAIN = st.sampled_from(["ana", "anna", "tremblay", "trembley", "jean-paul", "jean", "lee", ""])
WORDS = _TEXTS | _PLAIN
FACTS = st.builds(
    Facts,
    names=st.lists(st.builds(WrittenName, WORDS, WORDS), max_size=3).map(tuple),
    birth_date=st.none() | st.dates() | st.text(max_size=12) | st.sampled_from(["19850714", "19851407", "1985-07-15"]),
    sex=st.sampled_from(["F", "M", "O", "", "male", "?"]),
    identifiers=st.lists(
        st.tuples(st.text(max_size=20) | st.sampled_from(["1234098", "1234099", "TEST54122816"]), _PLAIN), max_size=3
    ).map(tuple),
    phones=st.lists(st.text(max_size=20) | st.just("+1 514 555 0199"), max_size=2).map(tuple),
    emails=st.lists(st.text(max_size=20) | st.just("ana@example.org"), max_size=2).map(tuple),
    addresses=st.lists(st.builds(WrittenAddress, WORDS, WORDS, WORDS, WORDS), max_size=2).map(tuple),
)
PEOPLE = FACTS.map(person)
