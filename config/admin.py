"""How the admin looks: brand, colours, and who fills its menu and first page (settings of django-unfold)."""

from typing import Any, Final

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _


def _asset(name: str) -> Any:
    return lambda _request: static(f"fovea/{name}")


UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Fovea",
    "SITE_HEADER": "Fovea",
    "SITE_SUBHEADER": _("Imaging archive"),
    "SITE_URL": "/viewer/",
    "SITE_ICON": _asset("favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("favicon.svg")}],
    "SITE_DROPDOWN": [{"icon": "visibility", "title": _("Open the viewer"), "link": "/viewer/"}],
    "STYLES": [_asset("admin.css")],
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": "/accounts/"}]},
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "config.navigation.navigation"},
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .004 220)",
            "100": "oklch(96.6% .006 220)",
            "200": "oklch(92.4% .009 225)",
            "300": "oklch(86.6% .013 228)",
            "400": "oklch(70.6% .024 232)",
            "500": "oklch(55.4% .029 235)",
            "600": "oklch(44.8% .031 238)",
            "700": "oklch(36.8% .032 240)",
            "800": "oklch(27% .031 245)",
            "900": "oklch(20.4% .029 248)",
            "950": "oklch(14.2% .024 250)",
        },
        "primary": {
            "50": "oklch(97.6% .016 192)",
            "100": "oklch(94.4% .034 191)",
            "200": "oklch(89.6% .063 189)",
            "300": "oklch(83.6% .094 186)",
            "400": "oklch(79.2% .108 183)",
            "500": "oklch(69.5% .105 189)",
            "600": "oklch(49.3% .082 203)",
            "700": "oklch(43.2% .072 205)",
            "800": "oklch(37.4% .06 207)",
            "900": "oklch(32.2% .05 210)",
            "950": "oklch(24.5% .04 215)",
        },
    },
}
