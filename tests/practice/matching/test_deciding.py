"""Whose a patient is, and when only a person may say so."""

from dataclasses import replace

import pytest

from apps.practice.matching.deciding import Decision, Outcome, decide
from apps.practice.matching.person import Facts, Person, WrittenAddress, WrittenName, person
from apps.practice.matching.vetoes import Veto
from apps.practice.matching.weights import SHIPPED, Frequencies, Limits
from tests.practice.matching.people import ANA, numbered, somebody

POPULATION = 10_000


def of(patient: Person, *leads: Person, **others: object) -> Decision:
    """What comes of a patient and leads, whose keys are 1, 2 and so on."""
    return decide(patient, list(enumerate(leads, 1)), population=POPULATION, **others)  # type: ignore[arg-type]


def changed(**others: object) -> Person:
    """Ana with other facts."""
    return person(replace(ANA, **others))  # type: ignore[arg-type]


def test_the_same_person_is_linked_with_reasons_in_words() -> None:
    found = of(person(ANA), person(ANA), somebody("Roy", "Luc", "1950-02-03"))
    assert (found.outcome, found.key, found.vetoes) == (Outcome.LINKED, 1, ())
    assert "Birth date: the same" in [reason.words for reason in found.reasons]
    assert sum(reason.bits for reason in found.reasons) == pytest.approx(found.bits, abs=0.3)


def test_nobody_is_linked_to_whom_nothing_fits() -> None:
    assert of(person(ANA), somebody("Roy", "Luc", "1950-02-03")) == Decision(Outcome.NONE)
    assert of(person(ANA)) == Decision(Outcome.NONE)


def test_a_patient_of_whom_nothing_is_known_is_nobodys() -> None:
    assert of(person(Facts()), person(ANA)).outcome is Outcome.NONE


@pytest.mark.parametrize(
    ("patient", "veto"),
    [
        (changed(names=(WrittenName("Tremblay", "Eva"),), identifiers=()), Veto.GIVEN),
        (changed(names=(WrittenName("Tremblay", "Eva"),), identifiers=(("1234099", "LOCAL"),)), Veto.GIVEN),
        (changed(names=(WrittenName("Tremblay", ""),), identifiers=(), addresses=()), Veto.NO_GIVEN),
        (changed(names=(WrittenName("Tremblay", "A"),), identifiers=()), Veto.INITIAL),
        (changed(birth_date="1953-07-02", identifiers=(), addresses=()), Veto.BIRTH_DATE),
    ],
)
def test_twins_and_parents_are_left_to_people(patient: Person, veto: Veto) -> None:
    found = of(patient, person(ANA))
    assert (found.outcome, found.key) == (Outcome.REVIEW, None)
    assert veto.words in found.vetoes
    assert found.candidates[0].key == 1


@pytest.mark.parametrize(
    "patient",
    [
        changed(names=(WrittenName("Tremblay", ""),), identifiers=()),
        changed(names=(WrittenName("Ana", "Roy"),), identifiers=()),
        changed(birth_date="1983-02-09", identifiers=()),
        changed(birth_date="1983-02-09", addresses=(WrittenAddress("12 Elm Street", "Montreal", "H7A 1B2", "QC"),)),
    ],
)
def test_one_slip_is_forgiven_where_the_whole_address_agrees(patient: Person) -> None:
    assert of(patient, person(ANA)).key == 1


@pytest.mark.parametrize(
    "address",
    [
        WrittenAddress("12 Elm Street", "Montreal", "J4B 2X9", "QC"),
        WrittenAddress("14 Elm Street", "Montreal", "H7A 1B2", "QC"),
        WrittenAddress("12 Oak Avenue", "Laval", "H7A 1B2", "QC"),
    ],
)
def test_half_an_address_forgives_nothing(address: WrittenAddress) -> None:
    patient = changed(birth_date="1983-02-09", identifiers=(), addresses=(address,))
    assert of(patient, person(ANA)).outcome is not Outcome.LINKED


def test_a_lead_without_a_given_name_may_be_the_other_twin() -> None:
    lead = changed(names=(WrittenName("Tremblay", ""),), identifiers=(("7654321", "LOCAL"),))
    assert of(person(ANA), lead).outcome is Outcome.REVIEW


@pytest.mark.parametrize("given", ["Eva", "", "A"])
def test_a_number_vouches_for_a_name(given: str) -> None:
    assert of(changed(names=(WrittenName("Tremblay", given),)), person(ANA)).outcome is Outcome.LINKED


@pytest.mark.parametrize(
    "patient",
    [
        somebody(family="Ana", given="Tremblay", sex="F"),
        somebody(birth_date="1985-07-15", sex="F", addresses=ANA.addresses),
        somebody(family="Trembley", sex="F", addresses=ANA.addresses),
    ],
)
def test_slips_are_forgiven_without_a_number(patient: Person) -> None:
    assert of(patient, person(ANA)).key == 1


def test_names_of_others_are_no_slips() -> None:
    lara, tara = changed(names=(WrittenName("Roy", "Lara"),), identifiers=()), somebody("Roy", "Tara", sex="F")
    known = Frequencies({"roy": 20}, {"lara": 3, "tara": 4}, 5_000)
    assert of(lara, tara, frequencies=known).vetoes == (Veto.TWO_NAMES.words,)
    unknown = Frequencies({"roy": 20}, {"tara": 4}, 5_000)
    assert Veto.TWO_NAMES.words not in of(lara, tara, frequencies=unknown).vetoes


def test_a_number_does_not_vouch_for_somebody_else_altogether() -> None:
    found = of(numbered("1234098", family="Roy", given="Luc", birth_date="1950-02-03"), person(ANA))
    assert found.outcome is not Outcome.LINKED


def test_two_valid_insurance_numbers_that_differ_are_left_to_people() -> None:
    one, other = numbered("943 476 5919", "NHS"), numbered("401 023 2137", "NHS")
    assert Veto.NUMBERS.words in of(one, other).vetoes


def test_two_leads_that_fit_as_well_are_left_to_people() -> None:
    found = of(person(ANA), person(ANA), person(ANA))
    assert (found.outcome, found.key) == (Outcome.REVIEW, None)
    assert found.vetoes == (Veto.RIVAL.words,)
    assert [each.key for each in found.candidates] == [1, 2]


def test_a_lead_that_a_person_has_rejected_is_left_out() -> None:
    assert of(person(ANA), person(ANA), rejected={1}).outcome is Outcome.NONE


def test_an_appointment_helps_but_lifts_no_veto() -> None:
    alike = somebody(birth_date="", sex="F")
    assert of(alike, person(ANA)).probability < of(alike, person(ANA), expected={1}).probability
    twin = changed(names=(WrittenName("Tremblay", "Eva"),), identifiers=())
    assert of(twin, person(ANA), expected={1}).outcome is Outcome.REVIEW


def test_rare_names_say_more() -> None:
    patient, lead = somebody(birth_date=""), somebody(birth_date="")
    rare = of(patient, lead, frequencies=Frequencies({"tremblay": 1}, {"ana": 2}, 5_000))
    common = of(patient, lead, frequencies=Frequencies({"tremblay": 900}, {"ana": 400}, 5_000))
    assert rare.probability > common.probability


def test_a_practice_may_waive_a_veto() -> None:
    bold = replace(SHIPPED, limits=Limits(waived=(Veto.NO_GIVEN,)))
    patient = changed(names=(WrittenName("Tremblay", ""),), identifiers=())
    assert decide(patient, [(1, person(ANA))], bold, population=POPULATION).key == 1
