"""Templates of others are read as they are in the world: codes in comments, fields in tables, scripts left out."""

import pytest

from apps.dicom.sr_tree import Code
from apps.reports.content.structure import Field, FieldKind, Note, Option, Section, Structure
from apps.reports.mrrt import limits
from apps.reports.mrrt.errors import BadTemplate
from apps.reports.mrrt.previewing import preview_of
from apps.reports.mrrt.reading import read, structure_of


def document(body: str, head: str = "", attributes: str = "") -> str:
    return f"""<!DOCTYPE html>
<html>
<head><meta charset="UTF-8"/><title>CT of the head</title>
<meta content="http://example.org/template/4" name="dcterms.identifier"/>
<meta content="en-GB" name="dcterms.language"/>
{head}</head>
<body {attributes}>
{body}
</body></html>"""


def fields_of(body: str, head: str = "") -> list[Field]:
    return list(structure_of(document(f'<section data-section-name="Findings">{body}</section>', head)).fields())


def wrong_with(source: str) -> list[tuple[str, int | None]]:
    with pytest.raises(BadTemplate) as caught:
        structure_of(source)
    return [(str(problem.text), problem.line) for problem in caught.value.problems]


# As libraries of templates write it: all in a comment, codes that never end, the schemes by other names.
CODED = """<script type="text/xml">
<!--
<template_attributes>
<status>ACTIVE</status>
<term><code meaning="computed tomography" value="RID10321" scheme="RadLex"></term>
<coded_content>
<entry ORIGTXT="T4_1"><term><code meaning="brain" value="RID6434" scheme="RadLex"></term></entry>
<entry origtxt="T4_2">
 <term><code meaning="midline" value="http://radlex.org/RID/RID5826" scheme="RADLEX"></term>
 <term><code meaning="shift" value="RID4738" scheme="RadLex"></term>
</entry>
<entry ORIGTXT="impression"><term><code meaning="Impressions" value="19005-8" scheme="LOINC"/></term></entry>
</coded_content>
</template_attributes>
-->
</script>"""


def test_a_template_of_a_library_is_read() -> None:
    body = """<section data-section-name="Findings">
<header class="level1">Findings</header>
<p><label for="T4_1">Brain:</label> <textarea id="T4_1" name="Brain">Normal. </textarea></p>
<p><label for="T4_2">Midline shift</label>
<input type="text" id="T4_2" name="Midline shift" value="None. "/></p></section>
<section id="impression" data-section-name="Impression">
<p><textarea id="T4_9" name="Overall"> </textarea></p></section>"""
    structure = structure_of(document(body, CODED))
    assert structure.language == "en"
    assert structure.modalities == ("CT",)
    findings, impression = structure.sections
    assert findings.code == Code("Findings", "59776-5", "LN")
    assert findings.items == (
        Field("T4_1", FieldKind.LONG_TEXT, "Brain", code=Code("brain", "RID6434", "RADLEX"), default="Normal."),
        Field("T4_2", FieldKind.TEXT, "Midline shift", code=Code("midline", "RID5826", "RADLEX"), default="None."),
    )
    assert impression.code == Code("Impressions", "19005-8", "LN")
    assert impression.items == (Field("T4_9", FieldKind.LONG_TEXT, "Overall"),)


def test_choices_of_all_kinds_are_read() -> None:
    body = """<p><label for="a">Lungs</label><select id="a"><option value="">-</option>
<option value="n" selected>Normal</option><option value="x" label="Other"></option>
<option value="n">Twice</option></select></p>
<p><label for="b">Signs</label><select id="b" multiple=""><option selected>One</option><option>Two</option></select></p>
<p><label for="c">Contrast</label><span id="c" data-field-type="CHECKBOX"><br>
<input id="c_0" type="checkbox" value="oral" checked="">by mouth</input>
<input id="c_1" type="checkbox" value="iv">in a vein</input></span></p>
<p><label for="d">Gallbladder</label><input list="d_LIST" id="d" data-field-type="SELECTION_LIST" value="Gone">
<datalist id="d_LIST"><option value="Normal">Normal</option>
<option value="Gone" selected="">Gone</option></datalist></p>
<p>Side: <input type="radio" name="side" value="l"> left <input type="radio" name="side" value="r" checked> right</p>
<p><label><input type="checkbox" id="f" checked> Seen before</label></p>"""
    a, b, c, d, side, f = fields_of(body)
    assert a.options == (Option("n", "Normal"), Option("x", "Other"))
    assert (a.kind, a.default) == (FieldKind.CHOICE, "n")
    assert (b.kind, b.default) == (FieldKind.CHOICES, ("One",))
    assert (c.kind, c.default, c.options) == (
        FieldKind.CHOICES, ("oral",), (Option("oral", "by mouth"), Option("iv", "in a vein")),
    )  # fmt: skip
    assert (d.kind, d.default) == (FieldKind.CHOICE, "Gone")
    assert (side.label, side.default, [each.label for each in side.options]) == ("Side", "r", ["left", "right"])
    assert (f.kind, f.label, f.default) == (FieldKind.CHECK, "Seen before", "true")


def test_numbers_have_their_units_and_bounds() -> None:
    body = """<input type="number" id="a" name="Ejection fraction" value="55.5" data-field-units="%" min="0" max="">
<input data-field-type="NUMERIC" id="b" data-field-units="mm of Hg" min="x">
<input type="date" id="c" value="2026-03-01">
<input data-field-type="TIME" type="time" id="d"><input id="e" data-field-completion-action="PROHIBIT">
<input type=hidden>"""
    a, b, c, d, e = fields_of(body)
    assert (a.kind, a.default, a.least, a.most) == (FieldKind.NUMBER, "55.5", 0.0, None)
    assert a.unit == Code("%", "%", "UCUM")
    assert (b.kind, bool(b.unit), b.least) == (FieldKind.NUMBER, False, None)
    assert (c.kind, d.kind) == (FieldKind.DATE, FieldKind.TIME)
    assert (d.is_required, e.is_required) == (False, True)


def test_fields_in_sentences_are_called_by_the_words_before_them() -> None:
    body = """<p>Prior exam from <input type="date">.</p>
<p>Told to <input title="Who was told"> at <input type="time" title="When"> on the phone and in writing.</p>
<p>No field here.</p>"""
    structure = structure_of(document(f'<section data-section-name="Findings">{body}</section>'))
    labels = [
        (type(item), getattr(item, "label", None) or getattr(item, "text", None))
        for item in structure.sections[0].items
    ]
    assert labels == [
        (Field, "Prior exam from"),
        (Field, "Told to"),
        (Field, "When"),
        (Note, "on the phone and in writing."),
        (Note, "No field here."),
    ]


def test_fields_in_tables_are_called_by_row_and_column() -> None:
    body = """<table><tr><td>Vessel</td><td>PSV</td><td>EDV</td></tr>
<tr><td>Common carotid</td><td><input type="number" id="p">&nbsp;cm/s</td><td><input type="number" id="e"></td></tr>
<tr><td><label for="n">Notes</label></td><td><textarea id="n"></textarea></td></tr></table>
<table><tr><td>One</td><td>Two</td></tr></table>"""
    section = structure_of(document(f'<section data-section-name="Findings">{body}</section>')).sections[0]
    assert [each.label for each in section.fields()] == ["Common carotid, PSV", "Common carotid, EDV", "Notes"]
    assert [each for each in section.items if isinstance(each, Note)] == [Note("One, Two")]


def test_sections_lie_in_sections_and_fields_outside_are_one() -> None:
    body = """<p><label for="q">Question</label><input id="q"></p>
<section id="A 1" data-section-name="Liver:"><section><header>Lobes</header><input name="x y"></section></section>
<section id="A 1" data-section-name="Liver"><input id="q"></section>"""
    outside, liver, again = structure_of(document(body)).sections
    assert (outside.title, [each.key for each in outside.fields()]) == ("CT of the head", ["q"])
    assert (liver.key, liver.title) == ("A-1", "Liver")
    inner = liver.items[0]
    assert isinstance(inner, Section)
    assert (inner.title, [each.label for each in inner.fields()]) == ("Lobes", ["x y"])
    assert (again.key, [each.key for each in again.fields()]) == ("A-1-2", ["q-2"])


HOSTILE = document(
    """<section data-section-name="Findings <script>alert(1)</script>">
<style>p { background: url(//example.org/x) }</style><p style="color: red" onclick="alert(2)">
<label for="x">Name "&gt;&lt;img src=x onerror=alert(3)&gt;</label>
<input id="x" value='"&gt;&lt;script&gt;alert(4)&lt;/script&gt;' onfocus="alert(5)" autofocus></p>
<iframe src="https://example.org"></iframe><img src="https://example.org/x.png"><svg onload="alert(6)"></svg>
<a href="javascript:alert(7)">here</a><script>alert(8)</script><template><script>alert(9)</script></template>
<form action="https://example.org"><input id="y" data-field-merge-flag="true"></form></section>""",
    '<script src="https://example.org/x.js"></script><link rel="stylesheet" href="//example.org/x.css">'
    '<base href="//x">',
    'onload="alert(10)"',
)


def test_what_runs_or_loads_is_left_out_and_told() -> None:
    reading = read(HOSTILE)
    assert [each.key for each in reading.structure.fields()] == ["x", "y"]
    told = {str(each.text): each.line for each in reading.left_out}
    assert len(told) == 7
    assert told["A script is left out: it never runs."] == 6
    page = preview_of(reading.structure)
    for harmful in ("<script", "<img", "<iframe", "<svg", "example.org/", "<a ", "onfocus", "onload"):
        assert harmful not in page.replace("http://example.org/template/4", "")
    assert "&lt;script&gt;alert(1)" in page
    assert "alert(8)" not in page


def test_a_document_type_in_the_xml_is_refused_with_its_entities() -> None:
    script = '<script type="text/xml"><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a></script>'
    assert wrong_with(document("<input>", script)) == [("The XML has a document type, which templates have not.", 6)]


@pytest.mark.parametrize(
    "source",
    [
        "", " ", "<!--" * 60_000, "<div>" * 50_000, "<p>" * 80_000, "<a b=\"" * 40_000, "&" * 260_000, "<" * 260_000,
        "x" * (limits.SOURCE_BYTES + 1), "é" * (limits.SOURCE_BYTES // 2 + 1), "a\x00b", "a\ud800b", "\uffff",
        "<input>" * 30_000, "<select>" + "<option>x" * 28_000, "<input type=radio>" * 14_000,
        "".join(f"<input type=radio name=a{n}>" for n in range(9_000)), "<section>" * 200 + "<input>",
        "<label for=a>" * 10_000, "<table><tr><td>" * 60 + "<input>",
    ],
    ids=lambda source: repr(source[:12]),
)  # fmt: skip
def test_anything_else_is_refused_within_bounds(source: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        structure_of(source)
    assert 1 <= len(caught.value.problems) <= limits.TOLD


def test_problems_have_their_lines() -> None:
    body = """<section id="s" data-section-name="Findings">
<p><label for="a">A</label><input type="number" id="a" value="many"></p>
<p><label for="b">B</label><input id="b" data-fovea-fill="patient.shoes"></p>
</section>"""
    wrong = wrong_with(document(body))
    assert [line for _, line in wrong] == [9, 10]
    assert wrong[0][0].startswith("What a begins with")


def test_what_it_must_say_of_itself_is_asked_for() -> None:
    wrong = [text for text, _ in wrong_with("<p><label for=a>A</label><input id=a></p>")]
    assert wrong == [
        "It has no identifier: say dcterms.identifier.",
        "It has no title: say dcterms.title.",
        "Its language is not one of en, fr, es, zh-hans: say dcterms.language.",
        "report has no label, or one that ends with a colon.",
    ]


@pytest.mark.parametrize(
    ("said", "language"), [("en", "en"), ("fr-CA", "fr"), ("ES_mx", "es"), ("zh-CN", "zh-hans"), ("zh-Hans", "zh-hans")]
)
def test_languages_are_known_by_their_region(said: str, language: str) -> None:
    assert structure_of(document("<input id=a name=A>").replace("en-GB", said)).language == language


@pytest.mark.parametrize("said", ["de", "zh-TW", "", "e"])
def test_other_languages_are_refused(said: str) -> None:
    assert "Its language" in wrong_with(document("<input id=a name=A>").replace("en-GB", said))[0][0]


def test_a_structure_says_which_field_is_meant() -> None:
    structure: Structure = structure_of(document('<section id=s data-section-name=S><input id="a" name="A"></section>'))
    assert structure.field("a") == Field("a", FieldKind.TEXT, "A")
    assert structure.field("b") is None
