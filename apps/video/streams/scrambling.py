"""Whether an MPEG transport stream is scrambled, as broadcasts are that cost money (ISO/IEC 13818-1, 2.4.3.3)."""

from pathlib import Path

_PACKET = 188
_LOOKED_AT = 2000  # packets
_SYNC = 0x47
_TABLES = 0x1F  # packet identifiers up to here hold tables, which are never scrambled


def is_scrambled(path: Path) -> bool:
    """Whether most packets of the beginning are scrambled."""
    with path.open("rb") as file:
        data = file.read(_PACKET * _LOOKED_AT)
    heads = [data[at : at + 4] for at in range(0, len(data) - 3, _PACKET)]
    carried = [head for head in heads if head[0] == _SYNC and (head[1] & 31) << 8 | head[2] > _TABLES and head[3] & 16]
    return bool(carried) and 2 * sum(head[3] >> 6 > 1 for head in carried) > len(carried)
