"""Certificates as people paste them (PEM, RFC 7468)."""

import re
import ssl
from typing import Final

_ONE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def certificates_of(pem: str) -> tuple[bytes, ...]:
    """The certificates in a text, in DER; several where one is about to take another's place.

    Raises ValueError for a text that has none, or one that is none.
    """
    if not pem.strip():
        return ()
    found = _ONE.findall(pem)
    if not found:
        raise ValueError("There is no certificate in it (-----BEGIN CERTIFICATE-----).")
    return tuple(_der(each) for each in found)


def _der(pem: str) -> bytes:
    from cryptography import x509

    der = ssl.PEM_cert_to_DER_cert(pem)
    x509.load_der_x509_certificate(der)
    return der
