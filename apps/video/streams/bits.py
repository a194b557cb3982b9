"""Reading and writing of single bits, as the heads of video streams have them (ITU-T H.264, 7.2 and 9.1)."""

from apps.saying import say
from apps.video.errors import Code, Refused

_LONGEST_GOLOMB = 32  # bits: the largest value of ue(v) is 2**32 - 2


def damaged_head() -> Refused:
    """What is raised where the head of a stream breaks off or contradicts itself."""
    return Refused(Code.DAMAGED, say("The head of the video stream is damaged."))


class Bits:
    """Bits of a head, from the first one on; past the end it raises `Refused` (DAMAGED)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0  # in bits

    @property
    def left(self) -> int:
        """How many bits are not read yet."""
        return len(self._data) * 8 - self.position

    def unsigned(self, count: int) -> int:
        """u(n), `count` from 0 to 64."""
        end = self.position + count
        if end > len(self._data) * 8:
            raise damaged_head()
        taken = int.from_bytes(self._data[self.position >> 3 : (end + 7) >> 3], "big")
        self.position = end
        return taken >> (-end % 8) & ((1 << count) - 1)

    def flag(self) -> bool:
        """u(1)."""
        return self.unsigned(1) == 1

    def skip(self, count: int) -> None:
        """Leave out `count` bits, any number of them."""
        if count > self.left:
            raise damaged_head()
        self.position += count

    def golomb(self, most: int = 0xFFFFFFFE) -> int:
        """ue(v): more than `most`, which a valid stream never has here, is refused."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _LONGEST_GOLOMB:
                raise damaged_head()
        value = (1 << zeros) - 1 + self.unsigned(zeros)
        if value > most:
            raise damaged_head()
        return value

    def signed_golomb(self) -> int:
        """se(v)."""
        value = self.golomb()
        return (value + 1) // 2 if value % 2 else -(value // 2)


class Writer:
    """Bits one after the other, into bytes."""

    def __init__(self) -> None:
        self._value, self._count = 0, 0

    def unsigned(self, value: int, count: int) -> None:
        """u(n)."""
        self._value = self._value << count | value
        self._count += count

    def golomb(self, value: int) -> None:
        """ue(v)."""
        self.unsigned(value + 1, 2 * (value + 1).bit_length() - 1)

    def bytes(self) -> bytes:
        """What was written, filled up with zeros to whole bytes."""
        missing = -self._count % 8
        return (self._value << missing).to_bytes((self._count + missing) // 8, "big")
