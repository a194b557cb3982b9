#!/usr/bin/env python
"""Fovea's command line."""

import os
import sys

# What these write is for everybody. Anything else may be patients' data, and for this server's own account alone.
FOR_EVERYBODY = {"collectstatic", "makemigrations"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not FOR_EVERYBODY.intersection(sys.argv[1:2]):
        os.umask(0o077)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Fovea is not set up right. {error}")


if __name__ == "__main__":
    main()
