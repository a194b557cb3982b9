"""Documents as pages: what is said where, and that nothing of a document is ever more than text."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from lxml import html as lxml_html

from apps.dicom.sr_tree import NO_CODE
from apps.reports.content.document import Document, Measured, Passage, Statement
from apps.reports.printing import charts, heads, signatures, tables
from apps.reports.printing.html import CONTENT_SECURITY_POLICY, html_of
from apps.reports.printing.markup import Markup, element, together
from apps.reports.printing.parts import Letterhead, Picture
from apps.reports.printing.passages import LONGEST, passage
from tests.reports.printing.documents import ADDRESS, MM, document, measured

HEAD = Letterhead("Praxis Lindenhof", "Lindenweg 4\n8001 Zürich", "Tel. 044", "Foot of it", "#204080")
EVIL = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>"
OVERRIDE = "\u202e"


def page(made: Document, *, for_paper: bool = True, pictures: tuple[Picture, ...] = ()) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(html_of(made, HEAD, pictures, for_paper=for_paper, verification=ADDRESS))


def told(made: Document) -> str:
    return str(page(made).text_content())


def test_says_all_that_the_document_says() -> None:
    said = told(document())
    for expected in (
        "CT of the head",
        "Doe, Jane",
        "PID-4711",
        "1964-02-29",
        "A-2026-118",
        "Martin, Paul Dr.",
        "Foot",
    ):
        assert expected in said
    assert "Headache for six weeks after a fall." in said
    assert "Weber, Anna Dr." in said
    assert document().digest() in said
    assert ADDRESS in said


def test_patient_stands_on_every_page_of_paper_alone() -> None:
    assert page(document()).find_class("strip")[0].text_content() == "Doe, Jane · PID-4711 · 1964-02-29"
    assert not page(document(), for_paper=False).find_class("strip")


@pytest.mark.parametrize(
    ("status", "word"), [("draft", "DRAFT"), ("preliminary", "PRELIMINARY"), ("amended", "AMENDED")]
)
def test_status_stands_above_all(status: str, word: str) -> None:
    banner = page(document(status=status)).find_class("banner")[0].text_content()
    assert banner.startswith(word)
    assert ("Not signed" in told(document(status=status))) == (status != "amended")


def test_final_has_no_banner() -> None:
    assert not page(document()).find_class("banner")


def test_amendment_says_why() -> None:
    assert "Reason for the amendment: The side was wrong." in told(document(status="amended"))
    assert "Signature number 2 of this report" in told(document(status="amended"))


def test_headings_are_nested() -> None:
    deep = Passage("A", NO_CODE, (), (Passage("B", NO_CODE, (), (Passage("C", statements=(Statement("", "x"),)),)),))
    made = page(replace(document(), passages=(deep,)))
    levels = [int(each.tag[1]) for each in made.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[:4] == [1, 2, 3, 4]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_twenty_levels_end_with_the_sixth() -> None:
    said = Passage("last", statements=(Statement("", "x"),))
    for _ in range(20):
        said = Passage("above", passages=(said,))
    assert re.findall(r"<h(\d)", passage(said))[-1] == "6"


def test_markup_in_every_place_is_text() -> None:
    person = replace(document().patient, name=EVIL, identifier=EVIL, birth_date=EVIL, sex=EVIL)
    study = replace(document().examination, description=EVIL, accession_number=EVIL, referring_physician=EVIL)
    made = replace(
        document(),
        title=EVIL,
        patient=person,
        examination=study,
        passages=(Passage(EVIL, NO_CODE, (Statement(EVIL, EVIL),)),),
        measurements=(replace(measured(EVIL), tracking_identifier=EVIL),),
    )
    head = Letterhead(EVIL, EVIL, EVIL, EVIL)
    picture = Picture("fovea:1", 1, 1, EVIL, EVIL)
    for for_paper in (True, False):
        root = lxml_html.document_fromstring(html_of(made, head, [picture], for_paper=for_paper, verification=ADDRESS))
        assert not list(root.iter("script"))
        assert {each.get("src") for each in root.iter("img")} <= {"fovea:1", "fovea:qr"}
        assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
        assert EVIL in root.text_content()


def test_names_from_right_to_left_turn_nothing() -> None:
    person = replace(document().patient, name=f"{OVERRIDE}محمد^علي")
    made = html_of(replace(document(), patient=person), HEAD, [], for_paper=True)
    assert OVERRIDE not in made
    assert "<bdi>محمد, علي</bdi>" in made


def test_controls_are_left_out() -> None:
    assert element("p", "a\x00\x08b\ud800c\x85d") == "<p>abcd</p>"


def test_attributes_are_escaped() -> None:
    assert element("img", alt='"><b>', src=None) == '<img alt="&quot;&gt;&lt;b&gt;">'
    assert together("<", Markup("<br>"), None) == "&lt;<br>"


def test_page_for_browsers_loads_nothing_of_others() -> None:
    made = html_of(document(), HEAD, [Picture("/api/reports/7/key-images/0", 0, 0)], for_paper=False)
    style = lxml_html.document_fromstring(made).findtext(".//style") or ""
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in CONTENT_SECURITY_POLICY
    assert "style=" not in made
    assert 'src="/api/reports/7/key-images/0" alt="Key image 1"' in made
    assert "fovea:" not in made


def test_colour_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Letterhead("x", colour="red; } body { display: none")


def test_translation_can_not_leave_its_string() -> None:
    def tell(said: str) -> str:
        return str(said).replace("of", '"} body {display: none} </style><script>')

    made = html_of(document(status="draft"), HEAD, [], for_paper=True, tell=tell)
    assert "<script" not in made.split("</style>")[0]
    assert "body {display" not in made.split("</style>")[0]


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("fr", "fr"), ("es", "es"), ("zh-hans", "zh-Hans")])
def test_language_is_told(language: str, tag: str) -> None:
    assert page(document(language)).get("lang") == tag


def test_measurements() -> None:
    rows = [[cell.text_content() for cell in row] for row in page(document()).find_class("measurements")[0].iter("tr")]
    assert rows[0] == ["Measurement", "Value", "Previous value", "Change since then"]
    assert rows[1] == ["Lesion, long axisBrain", "12 mm", "10 mm (2026-03-01)", "+20 %"]
    assert rows[2] == ["Mean attenuation", "62.25 HU *", "", ""]
    assert rows[3] == ["Count", "3", "", ""]


def test_only_what_is_not_verified_is_marked() -> None:
    made = replace(document(), measurements=(measured(),))
    assert "*" not in (tables.measurements(made, str) or "")


def test_curve_says_in_words_what_it_shows() -> None:
    curve = charts.trend(measured(), "20261102", str)
    assert "<title>Lesion, long axis: 2025-09-10: 8.5 mm, 2026-03-01: 10 mm, 2026-11-02: 12 mm</title>" in curve
    assert curve.count("<circle") == 3


def test_curve_of_equal_values_is_level() -> None:
    flat = replace(measured(), value=8.5, earlier=(measured().earlier[0],) * 3)
    heights = {spot.split('cy="')[1].split('"')[0] for spot in charts.trend(flat, "", str).split("<circle")[1:]}
    assert len(heights) == 1


def test_curves_are_few() -> None:
    made = replace(document(), measurements=(measured(),) * 40)
    assert (tables.measurements(made, str) or "").count("<svg") == tables.MOST_CURVES


@pytest.mark.parametrize(
    ("value", "said"),
    [(12.0, "12"), (0.1 + 0.2, "0.3"), (-0.00001234567, "-0.00001234567"), (1234567.4, "1234567"), (2.5e12, "2.5e+12"),
     (0.0, "0"), (100.0, "100"), (1e-30, "1e-30")],
)  # fmt: skip
def test_numbers(value: float, said: str) -> None:
    assert charts.number(value) == said


def test_value_without_a_unit_is_a_number() -> None:
    assert charts.said_value(3.0, "") == "3"
    assert charts.said_value(45.0, "deg") == "45°"
    assert charts.said_value(3.25, MM.value) == "3.25 mm"


def test_label_stands_above_lines_and_before_one() -> None:
    one, more = passage(Passage("F", statements=(Statement("Lungs", "clear"), Statement("Heart", "large\n\nround"))))[
        len("<section><h2>F</h2>") :
    ].split('<p class="alone">')
    assert one == '<p dir="auto"><b class="label">Lungs</b> clear</p>'
    assert '<p dir="auto" class="gap"></p><p dir="auto">round</p>' in more


def test_very_long_lines_are_cut_and_keep_every_character() -> None:
    line = "word " * 1000 + "x" * 5000
    made = lxml_html.fromstring(passage(Passage("", statements=(Statement("", line),))))
    pieces = [each.text_content() for each in made.iter("p")]
    assert "".join(pieces) == line
    assert max(map(len, pieces)) <= LONGEST


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Wang^Xiaodong=王^小东", "Wang, Xiaodong (王 小东)"),
        ("=王^小东", "王 小东"),
        ("", ""),
    ],
)
def test_names(written: str, said: str) -> None:
    assert heads.full_name(written) == said


def test_moment_keeps_its_zone() -> None:
    assert signatures.said_moment("2026-03-01T10:15:30.123456+01:00") == "2026-03-01 10:15:30 +01:00"
    assert signatures.said_moment("2026-03-01T10:15:30Z") == "2026-03-01 10:15:30 UTC"


def test_measured_without_anything() -> None:
    bare = Measured("", NO_CODE, 0.0, NO_CODE)
    assert "<td" in (tables.measurements(replace(document(), measurements=(bare,)), str) or "")
