"""The rendering parameters of PS3.18 8.3.5.1: what is understood, and what is refused with which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dicom.render import InvalidParameter, Viewport, Window, WindowFunction, parse_rendering, parse_thumbnail


@pytest.mark.parametrize(
    ("value", "window"),
    [
        ("40,400,linear", Window(40, 400)),
        ("40,400", Window(40, 400)),
        ("-600.5, 1.5e3, LINEAR", Window(-600.5, 1500)),
        ("0.5,0.1,linear-exact", Window(0.5, 0.1, WindowFunction.LINEAR_EXACT)),
        ("40,400,sigmoid", Window(40, 400, WindowFunction.SIGMOID)),
    ],
)
def test_windows(value: str, window: Window) -> None:
    assert parse_rendering({"window": value}, "image/jpeg").window == window


@pytest.mark.parametrize(
    ("value", "viewport"),
    [
        ("256,128", Viewport(256, 128)),
        ("256,128,10,20,30,40", Viewport(256, 128, 10, 20, 30, 40)),
        ("256,128,,,-30,-40", Viewport(256, 128, sw=-30, sh=-40)),
        ("256,128,10.5", Viewport(256, 128, sx=10.5)),
    ],
)
def test_viewports(value: str, viewport: Viewport) -> None:
    assert parse_rendering({"viewport": value}, "image/png").viewport == viewport


def test_the_other_parameters() -> None:
    query = {"quality": "35", "annotation": "technique,patient", "iccprofile": "srgb", "charset": "utf-8"}
    rendering = parse_rendering(query, "image/jpeg")
    assert (rendering.quality, rendering.annotations, rendering.icc_profile) == (35, ("patient", "technique"), "srgb")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window", "40"),
        ("window", "40,400,linear,1"),
        ("window", "40,0,linear"),
        ("window", "40,0.5,linear"),
        ("window", "40,-1,sigmoid"),
        ("window", "40,400,cubic"),
        ("window", "nan,400,linear"),
        ("window", "1e999,400,linear"),
        ("window", "1_0,400,linear"),
        ("window", ",400,linear"),
        ("viewport", "256"),
        ("viewport", "256,"),
        ("viewport", "0,256"),
        ("viewport", "-256,256"),
        ("viewport", "256.5,256"),
        ("viewport", "100000,256"),
        ("viewport", "256,256,0,0,0,10"),
        ("viewport", "256,256,1,2,3,4,5"),
        ("viewport", "inf,inf"),
        ("quality", "0"),
        ("quality", "101"),
        ("quality", "50.5"),
        ("quality", "high"),
        ("annotation", "patient,address"),
        ("iccprofile", "cmyk"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_parameter(name: str, value: str) -> None:
    with pytest.raises(InvalidParameter, match=f"^{name}: "):
        parse_rendering({name: value}, "image/jpeg")


def test_an_unknown_media_type_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="image/tiff"):
        parse_rendering({}, "image/tiff")


def test_a_thumbnail_has_square_pixels_and_is_never_enlarged() -> None:
    viewport = parse_thumbnail({"viewport": "128,64", "window": "not read"}).viewport
    assert viewport == Viewport(128, 64, enlarge=False, square_pixels=True)
    assert parse_thumbnail({}).viewport == Viewport(256, 256, enlarge=False, square_pixels=True)


@given(st.sampled_from(["window", "viewport", "quality", "annotation", "iccprofile"]), st.text(max_size=40))
def test_any_text_is_understood_or_refused(name: str, value: str) -> None:
    try:
        outcome = str(parse_rendering({name: value}, "image/jpeg"))
    except InvalidParameter as error:
        outcome = str(error)
    assert outcome.startswith((f"{name}: ", "Rendering("))
