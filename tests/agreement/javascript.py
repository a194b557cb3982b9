"""The JavaScript dicomweb-client, which viewers use: fetched once by the set-up, known by its bytes.

`python -m tests.agreement.javascript` puts it where the tests look for it.
"""

import base64
import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

NAME: Final = "dicomweb-client"
VERSION: Final = "0.11.3"
SHA512: Final = "7t1Rc/01fyFnKlQeNPW9Pvxvmsx8R/BgB2n7BxTuWirRFwlTC5upEeLeS3vO72P+n6/SQZ3+5ij0bgaWDHQG/A=="
MEMBER: Final = "package/build/dicomweb-client.js"
SCRIPT: Final = Path(__file__).resolve().parents[2] / ".venv" / "javascript" / f"{NAME}-{VERSION}.js"


def fetch() -> None:
    """Download the package by npm, and keep the one script of it that is needed."""
    if SCRIPT.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{NAME}@{VERSION}", "--silent"], cwd=folder, check=True, timeout=300)
        tarball = Path(folder, f"{NAME}-{VERSION}.tgz")
        if base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode() != SHA512:
            raise SystemExit(f"{tarball.name} is not {NAME} {VERSION} as published. It was not used.")
        with tarfile.open(tarball) as archive:
            script = archive.extractfile(MEMBER)
            assert script is not None
            SCRIPT.parent.mkdir(parents=True, exist_ok=True)
            SCRIPT.write_bytes(script.read())


if __name__ == "__main__":
    fetch()
