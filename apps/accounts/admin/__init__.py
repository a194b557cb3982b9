"""People in the admin: users, roles, grants, practices, tokens, and who is locked out."""

from django.apps import apps as django_apps
from django.contrib import admin
from django.contrib.auth.models import Group

from apps.accounts.admin.grants import GrantAdmin
from apps.accounts.admin.locked import LockedAdmin
from apps.accounts.admin.practices import PracticeAdmin
from apps.accounts.admin.roles import RoleAdmin
from apps.accounts.admin.tokens import TokenAdmin
from apps.accounts.admin.users import UserAdmin

# Roles come in their own form; groups of Django's permissions would only promise what they don't do.
admin.site.unregister(Group)
# What django-allauth keeps is its own affair, and its tables hold secrets.
for _label in ("account", "mfa", "socialaccount", "usersessions"):
    admin.site.unregister(filter(admin.site.is_registered, django_apps.get_app_config(_label).get_models()))

__all__ = ["GrantAdmin", "LockedAdmin", "PracticeAdmin", "RoleAdmin", "TokenAdmin", "UserAdmin"]
