"""OHIF's configuration, as the script that its page loads first."""

import json
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext

from apps.accounts.models import User
from apps.accounts.names import person_name
from apps.core.languages import translated
from apps.viewer.recipe import FAVICON, MOUNT, javascript
from apps.viewer.said import SAID

DATA_SOURCE: Final = "fovea"
DICOMWEB_ROOT: Final = "/dicom-web"
# The list sorts and pages what one query brings; further studies are found by its filters.
STUDIES_LISTED: Final = 500
# OHIF's names of its languages, where they are other than ours.
VIEWER_LANGUAGES: Final = {"en": "en-US", "zh-hans": "zh"}


def script_for(user: User) -> str:
    """Return app-config.js for a signed-in user: the values, then the functions, which JSON can't hold.

    It opens the viewer in the active language.
    """
    return _script(values(), {**_site(user), **_spoken()})


def script_for_holder(address: str) -> str:
    """The same for whoever holds a share link, whose addresses begin with this one: there is no list of studies."""
    return _script(values(address), {**_site_of_holder(address), **_spoken()})


def _script(config: dict[str, Any], site: dict[str, Any]) -> str:
    return (
        f"window.config = {json.dumps(config, indent=2)};\n"
        f"window.fovea = {json.dumps(site, indent=2)};\n"
        f"{javascript('behaviour.js')}"
    )


def values(address: str = "") -> dict[str, Any]:
    """Return OHIF's `window.config` but for its functions. What is not named here is OHIF's default.

    `address` is where a share's addresses begin; empty for the site's own.
    """
    return {
        "name": "fovea",
        "routerBasename": f"{address}{MOUNT}",
        "extensions": [],
        "modes": [],
        "customizationService": {},
        "showStudyList": not address,
        "investigationalUseDialog": {"option": "never"},
        # A segmentation or a structure set that was opened is shown, without a question first.
        "disableConfirmationPrompts": True,
        "groupEnabledModesFirst": True,
        "strictZSpacingForVolumeViewport": True,
        "showLoadingIndicator": True,
        "showCPUFallbackMessage": True,
        "showWarningMessageForCrossOrigin": False,
        "maxNumberOfWebWorkers": 3,
        # A browser opens six connections over HTTP/1.1: more prefetching would only stand in the user's way.
        "maxNumRequests": {"interaction": 20, "thumbnail": 4, "prefetch": 8},
        "defaultDataSourceName": DATA_SOURCE,
        "dataSources": [_data_source(address)],
    }


def _data_source(address: str) -> dict[str, Any]:
    return {
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
        "sourceName": DATA_SOURCE,
        "configuration": {
            "name": DATA_SOURCE,
            "friendlyName": "Fovea",
            "qidoRoot": f"{address}{DICOMWEB_ROOT}",
            "wadoRoot": f"{address}{DICOMWEB_ROOT}",
            "wadoUriRoot": f"{address}/wado",
            "imageRendering": "wadors",
            # One small JPEG by `…/thumbnail?viewport=256,256`; other strategies fetch frames or bulk data.
            "thumbnailRendering": "thumbnail",
            "thumbnailRequestStrategy": "fetch",
            "enableStudyLazyLoad": True,
            "supportsFuzzyMatching": True,
            "supportsWildcard": True,
            "supportsStow": not address,
            "supportsReject": False,
            "dicomUploadEnabled": not address,
            "queryLimit": STUDIES_LISTED,
            "singlepart": "bulkdata,video,pdf",
            "bulkDataURI": {"enabled": True},
            "omitQuotationForMultipartRequest": True,
        },
    }


def _site(user: User) -> dict[str, Any]:
    """What our functions need to know of the site and of who is signed in."""
    return {
        "user": user.get_full_name() or user.get_username(),
        "person": person_name(user),
        "admin": reverse("admin:index") if user.is_staff else None,
        "account": reverse("account"),
        "signIn": reverse("login"),
        "signOut": reverse("logout"),
        "csrfCookie": settings.CSRF_COOKIE_NAME,
        "logo": _logo(),
    }


def _site_of_holder(address: str) -> dict[str, Any]:
    """The page that knows what became of the link stands in for signing in and out."""
    page = f"{address}/"
    return {
        "user": gettext("Shared with you"),
        "admin": None,
        "signIn": page,
        "signOut": page,
        "csrfCookie": settings.CSRF_COOKIE_NAME,
        "logo": _logo(),
    }


def _spoken() -> dict[str, Any]:
    """The language of the page, the same by the name that OHIF has for it, and our own words in it."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "language": language,
        "viewerLanguage": VIEWER_LANGUAGES.get(language, language),
        "words": {
            "administration": gettext("Administration"),
            "account": gettext("My account"),
            "signOut": gettext("Sign out"),
        },
        "said": {text: translated(text) for text in SAID},
    }


def _logo() -> str:
    return f"data:image/svg+xml,{quote(FAVICON.read_text(encoding='utf-8'))}"
