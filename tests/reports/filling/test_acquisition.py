"""Values of headers, at the top, in functional groups and in the sequences that have them alone."""

from typing import Any

import pytest

from apps.reports.filling.acquisition import number_in, text_in
from apps.reports.filling.headers import in_requests, value_of


def element(*values: Any, vr: str = "LO") -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}


def sequence(**attributes: Any) -> dict[str, Any]:
    """With one item; attributes by T00180060."""
    return element({tag[1:]: value for tag, value in attributes.items()}, vr="SQ")


def test_in_functional_groups() -> None:
    pixel_measures = sequence(T00180050=element(2.5))
    timing = sequence(T00189082=element(80.0))
    header = {"52009229": sequence(T00289110=pixel_measures), "52009230": sequence(T00189114=timing)}
    assert number_in(header, "sliceThickness") == (2.5, "mm")
    assert number_in(header, "echoTime") == (80.0, "ms")
    assert number_in(header, "kvp") is None


@pytest.mark.parametrize(("written", "tesla"), [(1.5, 1.5), (16.45, 16.45), (15015, 1.5015)])
def test_field_strength_in_gauss(written: float, tesla: float) -> None:
    found = number_in({"00180087": element(str(written), vr="DS")}, "fieldStrength")
    assert found == (pytest.approx(tesla), "T")


def test_what_a_sequence_alone_has() -> None:
    agent = sequence(T00080104=element("Iohexol"), T00080100=element("1"))
    tracer = sequence(T00180031=element("FDG"), T00181074=element(290e6))
    header = {"00180012": agent, "00540016": tracer, "00400275": sequence(T00401002=element("Pain"))}
    assert text_in(header, "contrastAgent") == "Iohexol"
    assert text_in(header, "radiopharmaceutical") == "FDG"
    assert number_in(header, "activity") == (pytest.approx(290), "MBq")
    assert in_requests(header, "00401002") == "Pain"


def test_texts_of_headers_are_inert() -> None:
    assert value_of({"00181030": element("A\u202eB", "", "C")}, "00181030") == "AB, C"
    assert text_in({"00080070": element("Maker"), "00081090": element("Maker")}, "device") == "Maker"
    assert text_in({"00081070": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}}, "operator") == "Doe, Jane"
    assert text_in({}, "contrastAgent") == ""
