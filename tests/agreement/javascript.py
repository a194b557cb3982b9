"""JavaScript clients that the server is held to: fetched once by the set-up, known by their bytes.

`python -m tests.agreement.javascript` puts them where the tests look for them.
"""

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / ".venv" / "javascript"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of npm's, the hash of its tarball, and the one script of it that is needed."""

    name: str
    version: str
    sha512: str
    member: str

    @property
    def script(self) -> Path:
        return FOLDER / f"{self.name}-{self.version}.js"

    def fetch(self) -> None:
        """Download it, and keep the script."""
        if self.script.exists():
            return
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["npm", "pack", f"{self.name}@{self.version}", "--silent"], cwd=folder, check=True, timeout=300
            )
            tarball = Path(folder, f"{self.name}-{self.version}.tgz")
            if base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode() != self.sha512:
                raise SystemExit(f"{tarball.name} is not {self.name} {self.version} as published. It was not used.")
            with tarfile.open(tarball) as archive:
                script = archive.extractfile(self.member)
                assert script is not None
                FOLDER.mkdir(parents=True, exist_ok=True)
                self.script.write_bytes(script.read())


# What viewers use.
DICOMWEB: Final = Package(
    "dicomweb-client",
    "0.11.3",
    "7t1Rc/01fyFnKlQeNPW9Pvxvmsx8R/BgB2n7BxTuWirRFwlTC5upEeLeS3vO72P+n6/SQZ3+5ij0bgaWDHQG/A==",
    "package/build/dicomweb-client.js",
)
# Resumable uploads (tus).
TUS: Final = Package(
    "tus-js-client",
    "4.3.1",
    "ZLeYmjrkaU1fUsKbIi8JML52uAocjEZtBx4DKjRrqzrZa0O4MYwT6db+oqePlspV+FxXJAyFBc/L5gwUi2OFsg==",
    "package/dist/tus.min.js",
)


if __name__ == "__main__":
    for package in (DICOMWEB, TUS):
        package.fetch()
