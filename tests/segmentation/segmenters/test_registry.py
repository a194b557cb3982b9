"""What the site says of its segmenters."""

import subprocess
import sys

import pytest
from pydicom.sr.codedict import codes

from apps.dicom.sr_tree import NO_CODE, Code
from apps.segmentation.segmenters import named, registry, wording
from apps.segmentation.segmenters.options import taken
from apps.segmentation.segmenters.working import function_of

CODES = [code for code in vars(named).values() if isinstance(code, Code) and code != NO_CODE]


def test_names_and_numbers_are_used_once() -> None:
    names = [each.name for each in registry.every()]
    assert len(set(names)) == len(names) == 7
    for each in registry.every():
        assert [segment.number for segment in each.segments] == list(range(1, len(each.segments) + 1))
        assert registry.find(each.name) is each
        assert callable(function_of(each.function))
        assert set(taken(each.options, {})) == {option.name for option in each.options}
    assert registry.find("liver") is None


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.meaning)
def test_codes_are_those_of_the_standard(code: Code) -> None:
    known = getattr(codes, code.scheme)
    meanings = [each.meaning for each in (getattr(known, name) for name in known.dir()) if each.value == code.value]
    assert any(meaning.lower().startswith(code.meaning.lower()) for meaning in meanings), meanings


def test_every_reason_has_words() -> None:
    assert "contrast agent" in (wording.refusal("no-contrast") or "")
    assert wording.refusal("elsewhere") is None


def test_nothing_heavy_is_imported_to_name_them() -> None:
    heavy = "{'scipy', 'SimpleITK', 'torch', 'monai', 'highdicom', 'django'}"
    program = f"import sys; import apps.segmentation.segmenters.registry; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
