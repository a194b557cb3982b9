"""Schemathesis against the REST API of a running site: `python -m tests.fuzz.api`, for a part of FUZZ_SECONDS.

Each operation gets the edges of what its schema allows, and then random sequences of operations until the time is over.
A fault of the server's own, or an answer that its schema does not tell of, ends it; Schemathesis prints the request as
a command of curl.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests import dicoms
from tests.live import AUTHORIZATION, Server, Site, multipart

# What a client must be able to rely on. Whether every wrong value is refused is the API's own tests' to say.
CHECKS: Final = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SCHEMATHESIS: Final = str(Path(sys.executable).with_name("schemathesis"))


def main() -> int:
    """The exit code: 0 where nothing was found."""
    seconds = max(10, int(os.environ.get("FUZZ_SECONDS", "300")) // 4)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fovea-fuzz-"))
        server = stack.enter_context(stack.enter_context(Site(Path(folder), FOVEA_API_RATE="0")).serving())
        server.store(multipart(*dicoms.ct_series(3), dicoms.encapsulated_pdf()))
        return _run(server, "run", "--phases", "coverage") or _run(server, "fuzz", "--max-time", str(seconds))


def _run(server: Server, command: str, *options: str) -> int:
    address = f"http://127.0.0.1:{server.port}/api/schema"
    common = ("--checks", CHECKS, "--header", f"Authorization: {AUTHORIZATION}", "--no-color", "--warnings", "off")
    seed = ("--seed", os.environ["FUZZ_SEED"]) if os.environ.get("FUZZ_SEED") else ()
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks"}
    line = [SCHEMATHESIS, command, address, *common, *seed, *options]
    return subprocess.run(line, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
