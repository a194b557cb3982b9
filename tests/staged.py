"""What lies in a site's staging folders beside what each process keeps there for itself."""

from pathlib import Path

from apps.archive import intents, storage

OWN = {storage.LOCK_NAME, intents.NAME}


def staged_files(data: Path) -> list[str]:
    """The names of the files that are being staged, or were left."""
    return [file.name for file in (data / "incoming").rglob("*") if file.is_file() and file.name not in OWN]
