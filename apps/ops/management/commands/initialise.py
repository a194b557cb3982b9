"""`manage.py initialise`: make a new site ready."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.ops.first_start import initialise


class Command(BaseCommand):
    help = (
        "Bring the database up to date, and make the first practice and superuser where there are none "
        "(FOVEA_ADMIN_USER, FOVEA_ADMIN_PASSWORD; a made-up password is printed once)."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        made = initialise(settings.ADMIN_USER, settings.ADMIN_PASSWORD)
        if made is None:
            self.stdout.write("The site is ready.")
        elif made.password:
            self.stdout.write(f"Sign in as {made.username} with the password {made.password} (shown this once).")
        else:
            self.stdout.write(f"Made the user {made.username}.")
