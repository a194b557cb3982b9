"""The addresses that name no permission in code of their own, each with the reason why none is needed.

Every other address says itself what it asks for (`guards`, or an admin's `asks`), and is closed where it doesn't. A
test walks all addresses, and fails on one that does neither.
"""

from collections.abc import Mapping
from typing import Final

_LEADS = "It only leads to another address."
_SIGN_IN = "It is the way in, or out."
_OWN = "It is about nobody but whoever is signed in."
_PAGE = "It leads on to the page itself."

ANYBODY: Final[Mapping[str, str]] = {
    "": _LEADS,
    "viewer": _LEADS,
    "admin": _LEADS,
    "accounts": _LEADS,
    "access": _LEADS,
    "notifications": _LEADS,
    "reports": _LEADS,
    "reports/": _LEADS,
    "admin/login/": _SIGN_IN,
    "admin/logout/": _SIGN_IN,
    "admin/password_change/": _LEADS,
    "accounts/login/": _SIGN_IN,
    "accounts/logout/": _SIGN_IN,
    "accounts/language/": "It keeps nothing but the language in which whoever asks is spoken to.",
    "accounts/inactive/": "It tells that an account is closed, and not whose.",
    "accounts/two-step/authenticate/": _SIGN_IN,
    "accounts/two-step/webauthn/login/": _SIGN_IN,
    "viewer/^(?P<path>.*)$": "The viewer's files are public; its pages ask for a sign-in themselves.",
    "api": _LEADS,
    "api/docs": "It describes the program and holds nothing of the site.",
    "api/": "There is nothing at all other addresses of the API.",
    "^dicom-web/": "There is nothing at all other addresses of DICOMweb.",
    "healthz": "It tells that the process is up.",
    "readyz": "It tells which parts work; why not, to the operator alone.",
    "metrics": "It asks for the operator's address or token instead, which is nobody's account.",
}

USERS: Final[Mapping[str, str]] = {
    "accounts/": _OWN,
    "accounts/practice/": _OWN,
    "accounts/reauthenticate/": _OWN,
    "accounts/password/change/": _OWN,
    "accounts/password/set/": _OWN,
    "accounts/two-step/": _OWN,
    "accounts/two-step/reauthenticate/": _OWN,
    "accounts/two-step/totp/activate/": _OWN,
    "accounts/two-step/totp/deactivate/": _OWN,
    "accounts/two-step/recovery-codes/": _OWN,
    "accounts/two-step/recovery-codes/generate/": _OWN,
    "accounts/two-step/recovery-codes/download/": _OWN,
    "accounts/two-step/webauthn/": _OWN,
    "accounts/two-step/webauthn/add/": _OWN,
    "accounts/two-step/webauthn/reauthenticate/": _OWN,
    "accounts/two-step/webauthn/keys/<int:pk>/remove/": _OWN,
    "accounts/two-step/webauthn/keys/<int:pk>/edit/": _OWN,
    "accounts/sessions/": _OWN,
    "viewer/app-config.js": "It tells where the viewer finds DICOMweb, and what the user is called.",
    "admin/": "It shows what the person's permissions open, and else nothing.",
    "admin/search/": "It finds the names of the pages that the person may open.",
    "admin/password_change/done/": _OWN,
    "admin/autocomplete/": "The admin whose rows it offers asks for its own permission.",
    "admin/jsi18n/": "It holds Django's own words.",
    "admin/r/<path:content_type_id>/<path:object_id>/": "No object has a page outside the admin: it finds none.",
    "admin/^(?P<app_label>)/$": "It shows the pages that the person's permissions open.",
    "admin/(?P<url>.*)$": "There is nothing at all other addresses of the admin.",
}

# There only where a site has a mail server or an identity provider.
OPTIONAL: Final[Mapping[str, str]] = {
    "accounts/password/reset/": _SIGN_IN,
    "accounts/password/reset/done/": _SIGN_IN,
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": _SIGN_IN,
    "accounts/password/reset/key/done/": _SIGN_IN,
    "accounts/provider/": _OWN,
    "accounts/provider/cancelled/": _SIGN_IN,
    "accounts/provider/error/": _SIGN_IN,
    "accounts/provider/signup/": _SIGN_IN,
    "accounts/provider/<str:provider_id>/login/": _SIGN_IN,
    "accounts/provider/<str:provider_id>/callback/": _SIGN_IN,
}

# What Django's own pages of an admin ask for, by the end of their name; `_PAGE` where they ask for nothing.
ADMIN_PAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "changelist": {"GET": "view"},
    "history": {"GET": "view"},
    "change": {"GET": "view", "POST": "change"},
    "add": {"GET": "add", "POST": "add"},
    "delete": {"GET": "delete", "POST": "delete"},
}
ADMIN_SHORTCUT: Final = _PAGE
