"""Which software this is, as files and associations say it (PS3.7 D.3.3.2)."""

from typing import Final

VERSION: Final = "0.1.0"
IMPLEMENTATION_CLASS_UID: Final = "2.25.226098171963512863429357245173506423151"
IMPLEMENTATION_VERSION_NAME: Final = "FOVEA_0_1"
