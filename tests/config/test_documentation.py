"""Every variable that the settings read is explained."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_variable_is_in_the_documentation() -> None:
    source = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    documented = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    variables = set(re.findall(r'"(FOVEA_\w+)"', source))
    assert variables
    assert not {name for name in variables if f"`{name}`" not in documented}
