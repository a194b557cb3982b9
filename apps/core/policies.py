"""What a browser may do with an answer (Content Security Policy Level 3): one policy for each kind of answer.

The viewer has its own (apps/viewer/views.py), and so have reports, encapsulated documents and the API's documentation.
"""

from typing import Final

CONTENT_SECURITY_POLICY: Final = "Content-Security-Policy"

# Images, data sets, JSON, errors: nothing in them runs, loads, or may be sent anywhere. The media and styles are of the
# page that a browser makes around an image or a video that somebody opens by its address.
DATA: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
)

_SHARED: Final = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

# Our own pages: their scripts, styles and images are files of this server, nothing is inline. An image may be a `data:`
# address, as the square code of a second factor is. A form leads to this server, and so do the redirects after it.
PAGE: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    f" connect-src 'self'; form-action 'self'; {_SHARED}"
)

# django-unfold's Alpine.js makes functions of the expressions in its attributes, which is 'unsafe-eval', and sets the
# style attribute; its colours are a style element. No script stands in the page itself, and none may.
ADMIN: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    f" media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; {_SHARED}"
)

# What pages have no use for is off for them and whatever they frame; passkeys are left on.
PERMISSIONS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)
