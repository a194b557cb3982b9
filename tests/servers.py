"""Real servers of other kinds for tests that need one: PostgreSQL, Redis, S3. Each starts once and ends by its pid."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import boto3
import psycopg
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from redis import Redis, RedisError

ROOT: Final = Path(__file__).resolve().parents[1]
PATIENCE: Final = 60
BUCKET: Final = "fovea-tests"
# moto takes any; boto3 wants some.
S3_CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """An empty database on a PostgreSQL server of the tests' own, as FOVEA_DATABASE_URL."""
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server of the tests' own, as FOVEA_BROKER_URL."""
    with redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server of the tests' own (moto); it starts empty."""
    with s3() as endpoint:
        yield endpoint


@pytest.fixture
def s3_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket on it, as FOVEA_STORAGE_URL; the credentials are in the environment."""
    for name, value in S3_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bucket = f"{BUCKET}-{secrets.token_hex(4)}"
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/objects?endpoint={s3_server}&region=us-east-1"


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server on a loopback port, without regard for power cuts: it is thrown away."""
    programs = _postgresql_programs()
    owner = _as_other_user() if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="fovea-postgresql-") as name:
        folder = Path(name)
        password = folder / "password"
        password.write_text(secrets.token_hex(8))
        if owner:
            for path in (folder, password):
                shutil.chown(path, owner[1].removeprefix("--reuid="))
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", f"--pwfile={password}", "--username=tests"]
        _run([*owner, programs / "initdb", f"--pgdata={folder}/data", "--locale=C.UTF-8", *options])
        port = free_port()
        url = f"postgresql://tests:{password.read_text()}@127.0.0.1:{port}/postgres"
        quick = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        listen = ["-c", "listen_addresses=127.0.0.1", "-p", str(port), "-k", name]
        command: list[str | Path] = [*owner, programs / "postgres", "-D", f"{folder}/data", *listen, *quick]
        with _running(command, folder / "log", lambda: _postgresql_answers(url)):
            yield url


@contextmanager
def redis() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="fovea-redis-") as name:
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", name]
        url = f"redis://127.0.0.1:{port}/0"
        with _running([program("redis-server"), *options], Path(name) / "log", lambda: _redis_answers(url)):
            yield url


@contextmanager
def s3() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="fovea-s3-") as name:
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
        with _running(command, Path(name) / "log", lambda: _s3_answers(endpoint), S3_CREDENTIALS):
            yield endpoint


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """The path of a program; an error that says how to get it where there is none."""
    if found := shutil.which(name):
        return found
    raise RuntimeError(f"{name} is not installed: `make test` installs what the tests need.")


@contextmanager
def _running(
    command: Sequence[str | Path], log: Path, is_ready: Callable[[], bool], environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """The server, from when it is ready until the block ends; it ends with a test run that is killed, too."""
    tied = [sys.executable, "-m", "apps.ops.tied", str(os.getpid()), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            tied, cwd=ROOT, stdout=output, stderr=output, env=os.environ | dict(environment or {})
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()[-4000:]}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _postgresql_programs() -> Path:
    """The folder of PostgreSQL's programs, which Debian keeps out of the PATH."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return packaged[-1].parent if packaged else Path(program("initdb")).parent


def _as_other_user() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return [program("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=TERM"]


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}{done.stderr}")


def _postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str) -> bool:
    try:
        return bool(Redis.from_url(url).ping())
    except RedisError:
        return False


def _s3_answers(endpoint: str) -> bool:
    try:
        boto3.client(
            "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        ).list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True
