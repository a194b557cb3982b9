"""`python -m apps.reports.printing.fonts`: fetches the fonts of reports, without any settings."""

import argparse
import sys
from pathlib import Path

from apps.reports.printing.fonts.fetching import NotFetched, fetch
from apps.reports.printing.fonts.folder import COMMAND, default_folder


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns the process's exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--into", type=Path, default=default_folder(), help="folder to make (default: %(default)s)")
    into = parser.parse_args(arguments).into.resolve()
    try:
        is_new = fetch(into)
    except (NotFetched, OSError) as error:
        print(f"The fonts were not fetched. {error}", file=sys.stderr)
        return 1
    print(f"The fonts are {'there' if is_new else 'already'} in {into}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
