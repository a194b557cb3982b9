"""What the tests of reports' REST API share with those of what is written."""

from tests.reports.drafts.conftest import done_here, study, version

__all__ = ["done_here", "study", "version"]
