"""`manage.py report_templates`: tried out, taken in, and written to files."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Practice
from apps.reports.models import ReportTemplate
from apps.reports.templates_shipping import FOLDER
from tests.reports.templates.sources import source

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("report_templates", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_tried_out_and_taken_in(practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "chest.html"
    file.write_text(source().replace("</head>", "<script></script></head>"))
    assert run("check", str(file)) == (
        "Left out: line 10: A script is left out: it never runs.\nCT of the chest: 2 fields.\n"
    )
    assert run("take-in", "--practice", practice.name, str(file)) == "our.chest: version 1.\n"
    assert "our.chest en North: CT of the chest" in run("list")
    assert ReportTemplate.objects.filter(practice=practice).count() == 1


def test_what_is_wrong_is_said(practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "wrong.html"
    file.write_text(source(language="tlh"))
    with pytest.raises(CommandError, match=r"dcterms\.language"):
        run("check", str(file))
    with pytest.raises(CommandError, match=r"dcterms\.language"):
        run("take-in", "--practice", practice.name, str(file))
    with pytest.raises(CommandError, match="no such practice"):
        run("take-in", "--practice", "Nobody's", str(file))
    file.write_bytes(b"\xff")
    with pytest.raises(CommandError):
        run("check", str(file))


def test_all_are_written_to_a_folder(tmp_path: Path) -> None:
    said = run("export", "--to", str(tmp_path / "all"))
    shipped = ReportTemplate.objects.get(identifier="fovea.ct.fr")
    assert f"{shipped.pk}.html: fovea.ct.fr" in said
    assert (tmp_path / "all" / f"{shipped.pk}.html").read_bytes() == (FOLDER / "fr" / "ct.html").read_bytes()
