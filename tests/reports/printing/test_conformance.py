"""What PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1, checked after the Matterhorn protocol 1.1) demand, point by
point, of a PDF as the worker makes it."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from lxml import etree
from pikepdf import Name

from apps.reports.content.document import Document
from apps.reports.printing.pdf import DOCUMENT
from tests.reports.printing import documents, papers
from tests.reports.printing.conftest import Print

pytestmark = pytest.mark.one_database

XMP = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
# Structure types of ISO 32000-1, 14.8.4, that may stand in it.
TYPES = {
    "/Document", "/Part", "/Sect", "/Div", "/NonStruct", "/P", "/H1", "/H2", "/H3", "/Table", "/THead", "/TBody",
    "/TR", "/TH", "/TD", "/Span", "/Link", "/Figure", "/Caption",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(printed: Print) -> Iterator[pikepdf.Pdf]:
    with printed("en").opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def xmp(made: pikepdf.Pdf) -> Any:
    return etree.fromstring(made.Root.Metadata.read_bytes())


def elements(made: pikepdf.Pdf) -> list[Any]:
    """The structure's elements in their order."""

    def below(each: Any) -> Iterator[Any]:
        yield each
        for kid in each.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from below(kid)

    return list(below(made.Root.StructTreeRoot.K[0]))


def of_type(made: pikepdf.Pdf, name: str) -> list[Any]:
    return [each for each in elements(made) if str(each.S) == name]


def marks(page: pikepdf.Page) -> Iterator[tuple[str, Any]]:
    """What each operator that shows something stands in: the tag and the properties of its marked content."""
    stack: list[tuple[str, Any]] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC":
                stack.append((str(operands[0]), operands[1]))
            case "BMC":
                stack.append((str(operands[0]), None))
            case "EMC":
                stack.pop()
            case "Tj" | "TJ" | "'" | '"' | "Do" | "f" | "f*" | "S" | "s" | "B" | "sh":
                yield stack[-1] if stack else ("", None)


def test_syntax_is_sound(made: pikepdf.Pdf) -> None:
    assert made.check_pdf_syntax() == []
    assert made.pdf_version == "1.7"


def test_nothing_is_encrypted_and_nothing_acts(made: pikepdf.Pdf) -> None:
    assert not made.is_encrypted
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(made.Root.keys())
    assert "/JavaScript" not in made.Root.Names
    actions = {str(each.A.S) for page in made.pages for each in page.get("/Annots", []) if "/A" in each}
    assert actions == {"/URI"}


def test_identifier_is_there(made: pikepdf.Pdf) -> None:
    assert len(made.trailer.ID) == 2


def test_metadata_names_both_standards(made: pikepdf.Pdf, xmp: Any) -> None:
    assert "/Filter" not in made.Root.Metadata
    assert len(xmp.findall("rdf:RDF", XMP)) == 1
    assert xmp.xpath("//@pdfaid:part | //pdfaid:part/text()", namespaces=XMP) == ["3"]
    assert xmp.xpath("//@pdfaid:conformance", namespaces=XMP) == ["B"]
    assert xmp.xpath("//pdfuaid:part/text()", namespaces=XMP) == ["1"]


def test_properties_of_others_are_described(xmp: Any) -> None:
    described = xmp.xpath("//pdfaExtension:schemas//pdfaSchema:namespaceURI/text()", namespaces=XMP)
    assert described == [XMP["pdfuaid"]]


def test_metadata_agrees_with_the_information(made: pikepdf.Pdf, xmp: Any) -> None:
    assert xmp.xpath("//dc:title//rdf:li/text()", namespaces=XMP) == [str(made.docinfo.Title)]
    assert xmp.xpath("//dc:creator//rdf:li/text()", namespaces=XMP) == [str(made.docinfo.Author)] == ["Weber, Anna Dr."]
    assert xmp.xpath("//@pdf:Producer", namespaces=XMP) == [str(made.docinfo.Producer)]
    assert xmp.xpath("//xmp:CreatorTool/text()", namespaces=XMP) == [str(made.docinfo.Creator)]
    created = xmp.xpath("//xmp:CreateDate/text()", namespaces=XMP)[0]
    digits = re.sub(r"\D", "", created)
    assert re.sub(r"\D", "", str(made.docinfo.CreationDate)) == digits
    assert digits.startswith("20261102140509")


def test_title_names_no_patient_and_is_shown(made: pikepdf.Pdf) -> None:
    assert str(made.docinfo.Title) == "CT of the head - Praxis Lindenhof"
    assert made.Root.ViewerPreferences.DisplayDocTitle


def test_colours_have_a_profile(made: pikepdf.Pdf) -> None:
    (intent,) = made.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.N == 3
    profile = intent.DestOutputProfile.read_bytes()
    assert profile[36:40] == b"acsp"
    assert profile[12:24] == b"mntrRGB XYZ "


def test_every_font_is_embedded_and_maps_to_unicode(made: pikepdf.Pdf) -> None:
    fonts = [font for page in made.pages for font in page.Resources.Font.values()]
    assert fonts
    for font in fonts:
        assert font.Subtype == "/Type0"
        assert font.ToUnicode.read_bytes().count(b"begincmap") == 1
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())
        assert re.match(r"/[A-Z]{6}\+Noto-Sans", str(font.BaseFont))


def test_no_picture_is_smoothed_by_who_shows_it(made: pikepdf.Pdf) -> None:
    pictures = [each for each in made.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"]
    assert len(pictures) == 4
    assert not [each for each in pictures if each.get("/Interpolate")]
    assert {str(each.ColorSpace) for each in pictures} <= {"/DeviceRGB", "/DeviceGray"}


def test_photographs_pass_as_they_are(made: pikepdf.Pdf, printed: Print) -> None:
    given = printed("en").path.with_name("0.jpg").read_bytes()
    pictures = [each for each in made.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"]
    assert given in [each.read_raw_bytes() for each in pictures if each.get("/Filter") == Name.DCTDecode]


def test_document_is_attached_as_the_source(made: pikepdf.Pdf) -> None:
    (associated,) = made.Root.AF
    assert associated.AFRelationship == "/Source"
    assert (str(associated.F), str(associated.UF)) == (DOCUMENT, DOCUMENT)
    assert str(associated.Desc)
    file = associated.EF.F
    assert file.Subtype == "/application/json"
    assert {"/ModDate", "/Size", "/CheckSum"} <= set(file.Params.keys())
    assert Document.from_json(json.loads(file.read_bytes())) == papers.document_of("en")
    assert made.Root.Names.EmbeddedFiles.Names[1].objgen == associated.objgen


def test_it_is_tagged_in_its_language(made: pikepdf.Pdf) -> None:
    assert made.Root.MarkInfo.Marked
    assert "/Suspects" not in made.Root.MarkInfo
    assert str(made.Root.Lang) == "en"
    assert {str(each.S) for each in elements(made)} <= TYPES


def test_all_that_is_shown_is_tagged_or_an_artifact(made: pikepdf.Pdf) -> None:
    tree = made.Root.StructTreeRoot.ParentTree.Nums
    kids = {int(tree[at]): tree[at + 1] for at in range(0, len(tree), 2)}
    reached = {each.objgen for each in elements(made)}
    for page in made.pages:
        for tag, properties in marks(page):
            if tag != "/Artifact":
                owner = kids[int(page.StructParents)][int(properties.MCID)]
                assert owner.objgen in reached


def test_margins_of_pages_are_artifacts(made: pikepdf.Pdf) -> None:
    kinds = [properties.get("/Type") for tag, properties in marks(made.pages[1]) if tag == "/Artifact" and properties]
    assert kinds
    assert set(kinds) == {Name.Pagination}


def test_marked_content_is_numbered_once(made: pikepdf.Pdf) -> None:
    for page in made.pages:
        numbers = [
            int(operands[1].MCID)
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC" and "/MCID" in operands[1]
        ]
        assert len(numbers) == len(set(numbers))


def test_headings_are_nested(made: pikepdf.Pdf) -> None:
    levels = [int(str(each.S)[2:]) for each in elements(made) if re.fullmatch(r"/H\d", str(each.S))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_figures_say_what_they_show_and_where_they_are(made: pikepdf.Pdf) -> None:
    figures = of_type(made, "/Figure")
    said = [str(each.Alt) for each in figures]
    assert said[0] == "Logo of Praxis Lindenhof"
    assert said[1].startswith("Lesion, long axis: 2025-09-10: 8.5 mm")
    assert said[2:4] == ["Axial CT image 0", "Axial CT image 1"]
    assert said[4] == f"QR code of the address {documents.ADDRESS}"
    for each in figures:
        left, bottom, right, top = map(float, each.A.BBox)
        assert 0 <= left < right <= 595.3
        assert 0 <= bottom < top <= 841.9


def test_logo_is_at_the_top(made: pikepdf.Pdf) -> None:
    assert float(of_type(made, "/Figure")[0].A.BBox[1]) > 700


def test_tables_have_headers(made: pikepdf.Pdf) -> None:
    measurements = of_type(made, "/Table")[-1]
    rows = [each for part in measurements.K for each in part.K if each.S == "/TR"]
    assert [str(cell.S) for cell in rows[0].K] == ["/TH"] * 4
    names = {bytes(cell.ID) for row in rows for cell in row.K if cell.S == "/TH"}
    for row in rows[1:]:
        assert [str(cell.S) for cell in row.K] == ["/TH", "/TD", "/TD", "/TD"]
        for cell in list(row.K)[1:]:
            assert len(cell.A.Headers) == 2
            assert {bytes(each) for each in cell.A.Headers} <= names


def test_links_say_where_they_lead(made: pikepdf.Pdf) -> None:
    links = [each for page in made.pages for each in page.get("/Annots", [])]
    assert {str(each.Contents) for each in links} == {documents.ADDRESS}
    assert all(int(each.F) & 4 for each in links)
    assert all("/StructParent" in each for each in links)
    assert len(of_type(made, "/Link")) >= 1


def test_pages_are_read_in_the_order_of_the_structure(made: pikepdf.Pdf) -> None:
    assert {str(page.Tabs) for page in made.pages} == {"/S"}


def test_pages_are_in_the_outline(made: pikepdf.Pdf) -> None:
    with made.open_outline() as outline:
        assert outline.root[0].title == "CT of the head"
        assert [each.title for each in outline.root[0].children][:2] == ["Clinical information", "Findings"]
