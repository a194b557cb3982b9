"""Which fonts there are, and where they come from: Noto (SIL Open Font License 1.1), by npm packages."""

from dataclasses import dataclass
from typing import Final

LICENSE: Final = "package/LICENSE_FONT"


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: its version, the SHA-512 of its tarball as npm writes it, its family, and the files of it that
    are kept."""

    name: str
    version: str
    integrity: str
    family: str
    files: tuple[str, ...]

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def kept(self) -> dict[str, str]:
        """The members of the tarball that are kept, and the names that they are kept under."""
        terms = f"LICENSE-{self.family.replace(' ', '')}.txt"
        return {LICENSE: terms} | {f"package/{path}": path.rpartition("/")[2] for path in self.files}


REGULAR_AND_BOLD: Final = ("400Regular/{0}_400Regular.ttf", "700Bold/{0}_700Bold.ttf")


def _noto(script: str, version: str, integrity: str, files: tuple[str, ...] = REGULAR_AND_BOLD) -> Package:
    family = f"Noto Sans {script}".strip()
    name = f"@expo-google-fonts/{family.lower().replace(' ', '-')}"
    return Package(name, version, integrity, family, tuple(each.format(family.replace(" ", "")) for each in files))


# Chinese for reports; the others, beside Latin, Greek, Cyrillic and Vietnamese, for the names of people.
PACKAGES: Final = (
    _noto(
        "",
        "0.4.2",
        "sha512-zYD8G2ijWLxqmquoQgghNh/x9p0yxWwArD0oxO1oXY1qx5vOd4t0Kbhnu/Cx8RTy08OgA8RtxuULZFaXwVPnPw==",
        (*REGULAR_AND_BOLD, "400Regular_Italic/{0}_400Regular_Italic.ttf"),
    ),
    _noto(
        "SC",
        "0.4.3",
        "sha512-9rAwdFTFHbO/u6Cs0gj2jZbW74TGIiaFNQnXYH2s5wA1bzVkwbaviL4t8YUV642eGYjg86eH6DkAEQmfNHDncQ==",
    ),
    _noto(
        "KR",
        "0.4.3",
        "sha512-EVS/uJPcf1TgJtjmQmrFr0oGdcl7ml09CSu0E/AyGzR0UfzdR2pBbzWWPsnuzZiGUl643ODYwYiXK5+B+fLjhQ==",
        REGULAR_AND_BOLD[:1],
    ),
    _noto(
        "Arabic",
        "0.4.3",
        "sha512-YvtxyuegxPegu2g5urXJ+gQxRp8i798nQswTmEjwXOWR/fqy0Gvey6h5IoNRBrc43SxRxPezqCiR9ivpfPAXSg==",
    ),
    _noto(
        "Hebrew",
        "0.4.1",
        "sha512-NR3vP6GT/hSINLrk4JHJBQnuzh/C1mlMrphNlI2dQaO53a3oTjSRoG4JyYb1B6bHadjsGh0wPZbT4kMJBKjT/w==",
    ),
    _noto(
        "Devanagari",
        "0.4.1",
        "sha512-26boYPNKGP1r4R5MxsMAY/zCQOwiXLOJzX8sh1a2oEWyQurQsyniaCv4992c+9jjwshEEt2NNVv5GcnyzaL7QQ==",
    ),
    _noto(
        "Thai",
        "0.4.2",
        "sha512-PGBBBDGfJJ/5y2hNweLBZWD4YmVT4uOO4chsOPXyl0TktaBJamDKVKv/WbGiDTeBGdkegLiytsWo+lhnkHP5qA==",
    ),
)
# In the order in which a character's font is looked for.
FAMILIES: Final = tuple(each.family for each in PACKAGES)
