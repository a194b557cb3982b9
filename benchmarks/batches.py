"""What a batch of 500 X-rays costs beside the import command: its form taken in, and its job; in turns, in one process.

CPU of this process, on an index of its own. What a practice sends as one form lies in one folder for the import.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import dataset

if TYPE_CHECKING:
    from apps.accounts.models import User

ROUNDS, FILES = 3, 500
# Modality (0008,0060) as it is written, of a CT and of a panoramic X-ray.
CT, PX = b"\x08\x00\x60\x00CS\x02\x00CT", b"\x08\x00\x60\x00CS\x02\x00PX"
BOUNDARY = "fovea"
Shape = Callable[[int], Sequence[bytes]]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fovea-batches-") as folder:
        user = _set_up(folder)
        for name, shape in _shapes():
            print(_compared(name, shape, user, Path(folder)))


def _set_up(folder: str) -> "User":
    os.environ |= {
        "FOVEA_DATA": f"{folder}/data",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FOVEA_LOG_LEVEL": "ERROR",
    }
    import django
    from django.core.management import call_command

    django.setup()
    from apps.accounts.models import Grant, Practice, Role, User
    from apps.accounts.permissions import ALL

    call_command("migrate", verbosity=0)
    practice = Practice.objects.create(name="Batches")
    user = User.objects.create_superuser("bench", practice=practice)
    role = Role.objects.create(practice=practice, name="Bench", permissions=sorted(ALL))
    Grant.objects.create(user=user, practice=practice, role=role)
    return user


def _shapes() -> Iterator[tuple[str, Shape]]:
    slices, large, single = dataset.tiny(FILES), dataset.large(FILES), dataset.tiny(1)
    yield f"{FILES} slices of 32 KiB", lambda token: slices.renewed(token).files
    yield f"{FILES} slices of 512 KiB", lambda token: large.renewed(token).files
    yield (
        f"{FILES} panoramic X-rays of 32 KiB, each a study",
        lambda token: [
            single.renewed(token * FILES + number).files[0].replace(CT, PX) for number in range(FILES)
        ],
    )  # fmt: skip


def _compared(name: str, shape: Shape, user: "User", folder: Path) -> str:
    imports, takes, jobs = [], [], []
    for number in range(ROUNDS):
        imports.append(_imported(shape(2_000 + number), user, folder / f"{abs(hash(name))}-{number}"))
        take, job = _batched(shape(4_000 + number), user)
        takes.append(take)
        jobs.append(job)
    one, two, three = (statistics.median(each) for each in (imports, takes, jobs))
    return (
        f"{name}: import {one:.2f} s of CPU; batch {two:.2f} s to take in, {three:.2f} s to store:"
        f" {three / one:.2f} and {(two + three) / one:.2f} times the import"
    )


def _imported(files: Sequence[bytes], user: "User", folder: Path) -> float:
    from apps.archive.store import Origin
    from apps.uploads import importing

    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number:04}.dcm").write_bytes(file)
    origin = Origin("import", user.practice_id or 0, "bench")
    return _seconds(lambda: importing.run([folder], origin))[0]


def _batched(files: Sequence[bytes], user: "User") -> tuple[float, float]:
    from django.test import RequestFactory

    from apps.accounts.principal import Principal
    from apps.jobs.handle import JobHandle
    from apps.practice.batches import receiving
    from apps.practice.batches.tasks import practice_batch

    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="%d.dcm"\r\n\r\n'
    parts = b"".join((head % number).encode() + file + b"\r\n" for number, file in enumerate(files))
    form = parts + f"--{BOUNDARY}--\r\n".encode()
    request = RequestFactory().generic("POST", "/", form, f"multipart/form-data; boundary={BOUNDARY}")
    took, batch = _seconds(lambda: receiving.take(request, Principal.of(user)))
    stored, result = _seconds(lambda: practice_batch(JobHandle(batch.job_id, 1)))
    if result != {"stored": len(files)}:
        raise RuntimeError(f"The batch came to {result}.")
    return took, stored


def _seconds(do: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = do()
    return time.process_time() - began, result


if __name__ == "__main__":
    main()
