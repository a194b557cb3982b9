"""Where the bytes of stored objects are kept: files on a disk, or an S3-compatible object storage."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from apps.core.errors import OutOfSpace, Unavailable
from apps.saying import say

SHARDS: Final = 4096
KEYS_IN_A_ROW: Final = 256
PIECE: Final = 512 * 1024


class Objects(Protocol):
    """Immutable objects by key. Keys are made here, never from what a sender wrote."""

    def new_key(self) -> str:
        """A fresh key."""

    def put(self, staged: Path, descriptor: int, key: str) -> None:
        """Keep this file, which is open, under this key, durably; it is gone from its place afterwards."""

    def read(self, key: str, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`. Raises Unavailable when they can't be had in full."""

    def path(self, key: str) -> Path | None:
        """The object as a file, to be opened for reading alone; None where it is none."""

    def size(self, key: str) -> int | None:
        """How many bytes are kept under the key; None where there is nothing."""

    def delete(self, key: str) -> None:
        """Forget the object; nothing happens where there is none."""

    def all_keys(self) -> Iterator[str]:
        """Every key, in no order."""

    def free_bytes(self) -> int | None:
        """The space left; None where there is no limit to be known."""

    def check(self) -> None:
        """Raises Unavailable when the storage can't be reached."""


class Shards:
    """Keys in 4,096 folders at random; some hundreds that follow each other share one, which is then made once."""

    def __init__(self) -> None:
        self._made = 0
        self._shard = _shard()

    def new_key(self) -> str:
        # Threads that meet here change folders a little sooner or later, which is all the same.
        self._made += 1
        if self._made % KEYS_IN_A_ROW == 0:
            self._shard = _shard()
        return f"{self._shard}/{secrets.token_hex(16)}"


def _shard() -> str:
    return f"{secrets.randbelow(SHARDS):03x}"


def sync_folder(path: Path | str) -> None:
    """Make the folder's entries durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FileObjects:
    """Objects as files under a folder, in 4,096 subfolders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.new_key = Shards().new_key

    def put(self, staged: Path, descriptor: int, key: str) -> None:
        """The file is moved before it is made durable, so that one commit of the file system's journal has both."""
        place = f"{self.root}/{key}"
        try:
            staged.rename(place)
        except FileNotFoundError:
            self._make_folder(place.rpartition("/")[0])
            staged.rename(place)
        os.fdatasync(descriptor)
        sync_folder(place.rpartition("/")[0])

    def read(self, key: str, offset: int, length: int) -> bytes:
        try:
            descriptor = os.open(f"{self.root}/{key}", os.O_RDONLY)
        except OSError as error:
            raise Unavailable(say("The file of a stored object can't be opened.")) from error
        try:
            data = os.pread(descriptor, length, offset)
            if len(data) < length:
                data = _read_on(descriptor, data, offset, length)
        finally:
            os.close(descriptor)
        return data

    def path(self, key: str) -> Path | None:
        return self.root / key

    def size(self, key: str) -> int | None:
        try:
            return (self.root / key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def all_keys(self) -> Iterator[str]:
        if not self.root.exists():
            return
        for folder in os.scandir(self.root):
            if folder.is_dir():
                yield from (f"{folder.name}/{entry.name}" for entry in os.scandir(folder.path))

    def free_bytes(self) -> int | None:
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def check(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{secrets.token_hex(4)}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise Unavailable(
                say("The storage folder can't be written: {strerror}.", strerror=error.strerror)
            ) from error

    def _make_folder(self, folder: str) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        sync_folder(self.root)


def _read_on(descriptor: int, data: bytes, offset: int, length: int) -> bytes:
    """pread gives at most 2 GiB and may give less: go on until all is there."""
    pieces = [data]
    got = len(data)
    while got < length:
        piece = os.pread(descriptor, length - got, offset + got)
        if not piece:
            raise Unavailable(say("The file of a stored object is shorter than its index says."))
        pieces.append(piece)
        got += len(piece)
    return b"".join(pieces)


class S3Objects:
    """Objects in a bucket of an S3-compatible storage."""

    def __init__(self, bucket: str, prefix: str, client: Any) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.client = client
        self.new_key = Shards().new_key

    def put(self, staged: Path, descriptor: int, key: str) -> None:
        with _s3_errors():
            self.client.upload_file(str(staged), self.bucket, self.prefix + key)
        staged.unlink()

    def read(self, key: str, offset: int, length: int) -> bytes:
        if not length:
            return b""
        with _s3_errors():
            answer = self.client.get_object(
                Bucket=self.bucket, Key=self.prefix + key, Range=f"bytes={offset}-{offset + length - 1}"
            )
            data: bytes = answer["Body"].read()
        if len(data) != length:
            raise Unavailable(say("A stored object is shorter than its index says."))
        return data

    def path(self, key: str) -> Path | None:
        return None

    def size(self, key: str) -> int | None:
        from botocore.exceptions import ClientError

        with _s3_errors():
            try:
                return int(self.client.head_object(Bucket=self.bucket, Key=self.prefix + key)["ContentLength"])
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return None
                raise

    def delete(self, key: str) -> None:
        with _s3_errors():
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def all_keys(self) -> Iterator[str]:
        with _s3_errors():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                yield from (entry["Key"].removeprefix(self.prefix) for entry in page.get("Contents", ()))

    def free_bytes(self) -> int | None:
        return None

    def check(self) -> None:
        with _s3_errors():
            self.client.head_bucket(Bucket=self.bucket)


class _s3_errors:  # noqa: N801 - a context manager that reads like a statement
    """Turns what the S3 client raises into errors of ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, Boto3Error | BotoCoreError | ClientError):
            raise Unavailable(say("The object storage does not answer as it should; try again.")) from error


def disk_errors(error: OSError) -> OutOfSpace | Unavailable:
    """The error of ours that an error of the disk means."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return OutOfSpace(say("The storage is full. Nothing of this object was stored."))
    return Unavailable(say("The storage can't be written: {error}.", error=error.strerror))


def from_url(url: str, data: Path) -> Objects:
    """The objects' storage: `` or `file:///PATH` for a folder, `s3://BUCKET/PREFIX?endpoint=URL&region=NAME` for S3.

    S3's credentials come from the environment as its clients know it (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return _s3(parts.netloc, parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()})
    return FileObjects(Path(parts.path) if parts.scheme == "file" else data / "objects")


def _s3(bucket: str, prefix: str, options: dict[str, str]) -> S3Objects:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 3}, max_pool_connections=32)
    client = boto3.client(
        "s3", endpoint_url=options.get("endpoint"), region_name=options.get("region", "us-east-1"), config=config
    )
    return S3Objects(bucket, prefix, client)
