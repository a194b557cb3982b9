"""Schemathesis against the REST API of a running site: `python -m tests.fuzz.api`, for a part of FUZZ_SECONDS.

Each operation gets the edges of what its schema allows, from two clients that share them, and then come random
sequences of operations until the time is over. A fault of the server's own, or an answer that its schema does not tell
of, ends it; Schemathesis prints the request as a command of curl.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
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
        return _cover(server) or _say(_run(server, "fuzz", "--max-time", str(seconds)))


def _cover(server: Server) -> int:
    """A client waits for the server half of the time: two at once keep both at work."""
    paths = _paths(server)
    with ThreadPoolExecutor(2) as clients:
        ended = list(
            clients.map(lambda part: _run(server, "run", "--phases", "coverage", *_only(part)), _halves(paths))
        )
    return max([_say(each) for each in ended])


def _paths(server: Server) -> list[str]:
    request = urllib.request.Request(
        _address(server), headers={"Accept": "application/json"} | {"Authorization": AUTHORIZATION}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return sorted(json.load(answer)["paths"])


def _halves(paths: list[str]) -> tuple[list[str], list[str]]:
    return paths[::2], paths[1::2]


def _only(paths: Iterable[str]) -> list[str]:
    return [option for path in paths for option in ("--include-path", path)]


def _address(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/api/schema"


def _run(server: Server, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    common = ("--checks", CHECKS, "--header", f"Authorization: {AUTHORIZATION}", "--no-color", "--warnings", "off")
    seed = ("--seed", os.environ["FUZZ_SEED"]) if os.environ.get("FUZZ_SEED") else ()
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks"}
    line = [SCHEMATHESIS, command, _address(server), *common, *seed, *options]
    return subprocess.run(
        line, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _say(ended: subprocess.CompletedProcess[str]) -> int:
    print(ended.stdout, flush=True)
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
