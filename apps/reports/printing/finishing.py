"""What PDF/A-3 (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) demand beyond what WeasyPrint writes for one of them.

The objects are pydyf's, and changed just before they are written.
"""

from collections.abc import Iterator
from typing import Any, Final

# The scale from CSS pixels to the points of a page.
_POINTS: Final = 0.75
# PDF/UA's identifier, and what it is: XMP of PDF/A holds no property that isn't described (ISO 19005-3, 6.6.2.3).
_UA: Final = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>'
    b'</rdf:Description><rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    b' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    b'<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b"<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>"
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
_END: Final = b"</rdf:RDF>"


def finish(document: Any, pdf: Any) -> None:
    """A finisher of WeasyPrint's: `document` is its laid out document, `pdf` a pydyf.PDF."""
    _identify(pdf)
    _place_figures(document, pdf)
    _describe_links(pdf)
    _associate_once(pdf)
    _set_margins_apart(pdf)


def _identify(pdf: Any) -> None:
    """Name PDF/UA in the metadata too, which stay readable without decompressing them."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.compress = False
    metadata.stream = [each.replace(_END, _UA + _END) for each in metadata.stream]


def _place_figures(document: Any, pdf: Any) -> None:
    """Bounding boxes are in the page's own units, from its lower left (ISO 32000-1, 14.8.5.4.3)."""
    height = document.pages[0].height
    for element in _elements(pdf):
        if element["S"] == "/Figure":
            left, top, right, bottom = element["A"]["BBox"]
            box = element["A"]["BBox"]
            box[:] = [left * _POINTS, (height - bottom) * _POINTS, right * _POINTS, (height - top) * _POINTS]


def _describe_links(pdf: Any) -> None:
    """A link says where it leads to (ISO 14289-1, 7.18.5)."""
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Subtype") == "/Link" and "URI" in each.get("A", ()):
            each["Contents"] = each["A"]["URI"]


def _associate_once(pdf: Any) -> None:
    """WeasyPrint names each associated file twice (ISO 19005-3, 6.8)."""
    files = pdf.catalog["AF"]
    files[:] = dict.fromkeys(files)


def _set_margins_apart(pdf: Any) -> None:
    """What stands in the margins of the pages is no part of the text: artifacts (ISO 14289-1, 7.8)."""
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    numbers = _object(pdf, root["ParentTree"])["Nums"]
    reached = set(_reached(pdf, root["K"]))
    for page, kids in _page_kids(pdf, numbers):
        apart = {at for at, kid in enumerate(kids) if kid not in reached}
        _as_artifacts(_object(pdf, page["Contents"]), apart)
        kids[:] = ["null" if at in apart else kid for at, kid in enumerate(kids)]


def _page_kids(pdf: Any, numbers: Any) -> Iterator[tuple[Any, Any]]:
    """Each page with the elements of its marked content, by their numbers."""
    kids = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for reference in pdf.page_references:
        page = _object(pdf, reference)
        yield page, kids[page["StructParents"]]


def _as_artifacts(stream: Any, apart: set[int]) -> None:
    from pydyf import Dictionary

    for at, operand in enumerate(stream.stream):
        if isinstance(operand, dict) and operand.get("MCID") in apart:
            stream.stream[at - 1 : at + 1] = ["/Artifact", Dictionary({"Type": "/Pagination"})]


def _reached(pdf: Any, kids: Any) -> Iterator[Any]:
    """The references of all elements below these."""
    waiting = list(kids)
    while waiting:
        reference = waiting.pop()
        if not isinstance(reference, int):
            yield reference
            waiting += _object(pdf, reference).get("K", ())


def _elements(pdf: Any) -> Iterator[Any]:
    return (each for each in pdf.objects if isinstance(each, dict) and each.get("Type") == "/StructElem")


def _object(pdf: Any, reference: bytes) -> Any:
    """What a reference, such as `12 0 R`, refers to."""
    return pdf.objects[int(reference.split()[0])]
