"""The site's settings, on data and a database of the tests' own, whatever the environment says."""

import atexit
import os
import shutil
import tempfile

from tests import databases

_data = tempfile.mkdtemp(prefix="fovea-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
for name in [name for name in os.environ if name.startswith("FOVEA_") and not name.startswith("FOVEA_TEST_")]:
    del os.environ[name]
os.environ["FOVEA_DATA"] = _data
os.environ["FOVEA_DATABASE_URL"] = databases.url()
# All tests of a process are one caller, or as good as one.
os.environ["FOVEA_API_RATE"] = "0"

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

# What empties the database between tests.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.erasing"]

# Servers that tests start take the site's own settings, and a database of theirs.
del os.environ["FOVEA_DATABASE_URL"]
del os.environ["FOVEA_API_RATE"]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
