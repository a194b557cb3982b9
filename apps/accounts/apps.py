from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from apps.accounts.permissions import ROLES, Permission


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        post_migrate.connect(_bring_roles, sender=self)
        from apps.accounts import receivers  # noqa: F401 - they connect themselves


def _bring_roles(**_: Any) -> None:
    """The product's own roles are in every database, as this version of it defines them."""
    from apps.accounts.models import Role

    for name, permissions in ROLES.items():
        held = [permission.value for permission in Permission if permission in permissions]
        Role.objects.update_or_create(practice=None, name=name, defaults={"permissions": held})
