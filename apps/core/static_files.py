"""Static files under names that change with their content, gzipped once.

Brotli would save a tenth more of what a browser loads once, and cost a minute of each set-up.
"""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzippedManifestStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(**options, use_brotli=False)
