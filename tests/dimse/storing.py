"""Sending objects to a server under test by C-STORE."""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.dicom.filemeta import read_file_meta
from apps.dicom.limits import Limits
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import Field, Value
from apps.dicom.warning import Warnings
from tests.dimse import nodes


@contextmanager
def sending(port: int, **how: str) -> Iterator[Association]:
    """An association for CT in Explicit VR Little Endian."""
    with nodes.calling(port, [(nodes.CT, (nodes.EXPLICIT,))], **how) as association:
        yield association


def data_set(file: bytes) -> bytes:
    """A file's data set, without its head."""
    return file[read_file_meta(file, Limits(), Warnings()).end :]


def store(association: Association, file: bytes, **elements: Value) -> Message:
    """The answer to a C-STORE of a file's data set, named as the file's head does unless `elements` say otherwise."""
    meta = read_file_meta(file, Limits(), Warnings())
    uid = meta.elements["00020003"]["Value"][0]
    return nodes.ask(association, Field.C_STORE, data_set(file), **({"AFFECTED_SOP_INSTANCE": uid} | elements))


def status(association: Association, file: bytes, **elements: Value) -> int:
    return store(association, file, **elements).command.status
