"""The one page of the viewer, in place of OHIF's: no inline scripts, our name and icon, our addresses."""

import re
from pathlib import Path
from string import Template
from typing import Final

from apps.viewer.package import BuildError
from apps.viewer.recipe import FAVICON, HERE, javascript

# What OHIF's page runs and holds. Our page and boot.js were written for exactly this.
INLINE: Final = [
    'console.time("scriptToView"),window.PUBLIC_URL="/"',
    'function browserImportFunction(n){return import(n)}window.PUBLIC_URL="/"',
]
STYLESHEETS: Final = ["/app.bundle.css"]
ELEMENTS: Final = ["react-portal", "root"]


def write(root: Path, base: str) -> None:
    """Write `index.html` into `root`'s parent, and what it names into `root`, which is served at `base`.

    OHIF's own page, in `root`, goes. Raises BuildError if it is not the page that ours stands for.
    """
    original = root / "index.html"
    bundle = _only_bundle(original.read_text(encoding="utf-8"))
    original.unlink()
    boot = Template(javascript("boot.js")).substitute(base=base)
    (root / "boot.js").write_text(boot, encoding="utf-8")
    (root / "favicon.svg").write_bytes(FAVICON.read_bytes())
    page = Template((HERE / "page.html").read_text(encoding="utf-8"))
    text = page.substitute(base=base, bundle=bundle)
    (root.parent / "index.html").write_text(text, encoding="utf-8")


def _only_bundle(page: str) -> str:
    """The name of the script that starts OHIF."""
    bundles = re.findall(r'<script defer src="/(app\.bundle\.[0-9a-f]+\.js)">', page)
    inline = re.findall(r"<script>(.*?)</script>", page)
    stylesheets = re.findall(r'<link href="([^"]+)" rel="stylesheet">', page)
    elements = re.findall(r'<div id="([^"]+)">', page)
    if len(bundles) != 1 or (inline, stylesheets, elements) != (INLINE, STYLESHEETS, ELEMENTS):
        raise BuildError("The viewer's own page is not the one that ours was written for: compare the two.")
    return bundles[0]
