"""A document as plain text, and as segments of HL7: without a database."""

from dataclasses import replace

from apps.dicom.sr_tree import Code
from apps.hl7.v2.results import oru_segments
from apps.reports.content.document import Document, Examination, Measured, Passage, Past, Person, Signed, Statement
from apps.reports.printing.text import COLUMNS, text_of

MILLIMETRE = Code("mm", "mm", "UCUM")
SIGNED = Signed("Ray^Xavier", "MD", "2026-03-02T10:15:30+01:00", "ab" * 32, 2, "Wrong side", "secret")
DOCUMENT = Document(
    title="CT of the chest", language="en", status="amended", practice="North", author="Ray^Xavier",
    patient=Person("\u202eDoe^Jane\u202c", "P|1"), report_id=7, signed=SIGNED,
    examination=Examination("1.2.3", "20260301", "101500.5", "CT", "A^1", ("CT",), "Roe^Richard^^Dr.^MD"),
    passages=(
        Passage("Findings", Code("Findings", "121070", "DCM"), (
            Statement("Lungs", "Clear & <b>wide</b>.\nNo nodule|mass ^~\\."), Statement("", "word " * 40),
        )),
        Passage("所见", statements=(Statement("", "肺" * 100),)),
    ),
    measurements=(
        Measured("Segment VII", Code("Length", "410668003", "SCT"), 14.4, MILLIMETRE,
                 earlier=(Past("20250301", 12.0),), change=20.0),
    ),
)  # fmt: skip


def test_lines_have_eighty_columns_and_letters_of_twice_the_width_count_twice():
    lines = text_of(DOCUMENT).split("\n")
    assert max(map(len, lines)) <= COLUMNS
    assert max(len(line) for line in lines if "肺" in line) <= COLUMNS // 2
    assert "".join(lines).count("肺") == 100


def test_a_text_says_all_that_the_document_says():
    text = text_of(DOCUMENT)
    for said in (
        "Patient: Doe, Jane", "AMENDED", "FINDINGS\n", "  Lungs: Clear & <b>wide</b>.\n  No nodule|mass",
        "Segment VII, Length: 14.4 mm *", "2025-03-01: 12 mm), +20 %", "Ray, Xavier, MD", "Wrong side", "ab" * 32,
    ):  # fmt: skip
        assert said in text, said
    assert "\u202e" not in text
    assert "Not signed" in text_of(replace(DOCUMENT, signed=None, status="draft"))


def test_segments_are_escaped_and_in_their_places():
    order, request, findings, _, number = oru_segments(DOCUMENT)
    assert order == "ORC|RE||7"
    fields = request.split("|")
    assert (fields[3], fields[7], fields[18], fields[25]) == ("7", "20260301101500", "A\\S\\1", "C")
    assert (fields[16], fields[22]) == ("^Roe^Richard^^MD^Dr.", "20260302101530+0100")
    assert fields[32] == "&Ray&Xavier"
    observed = findings.split("|")
    assert observed[:4] == ["OBX", "1", "FT", "121070^Findings^DCM"]
    assert observed[5].startswith(
        "Lungs: Clear \\T\\ <b>wide</b>.\\.br\\No nodule\\F\\mass \\S\\\\R\\\\E\\.\\.br\\word"
    )
    assert number.split("|")[2:7] == ["NM", "410668003^Length^SCT^^Segment VII", "", "14.4", "mm^mm^UCUM"]
    assert not any(sign in segment for segment in (findings, number) for sign in "\r\n")
