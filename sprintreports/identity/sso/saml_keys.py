"""Our own key for signing SAML requests, and what certificates of providers say of themselves."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sprintreports.kit import clock

_LIFETIME = timedelta(days=3650)
_SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class Made:
    key: str = field(repr=False)
    certificate: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A provider's certificate: whose, and until when. SAML trusts the key itself; the end is told to admins."""

    subject: str
    fingerprint: str
    ends_at: datetime


def make(name: str) -> Made:
    """A key of 3072 bits and its self-signed certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sprint Reports {name}"[:64])])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Made(pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode())


def plain(text: str) -> str:
    """A certificate as metadata writes it: base64 without armour and line breaks."""
    return re.sub(r"-----[A-Z ]+-----|\s", "", text)


def read(text: str) -> Certificate:
    """What a certificate says. Raises ValueError with a sentence."""
    try:
        found = x509.load_der_x509_certificate(b64decode(plain(text), validate=True))
    except (ValueError, NotBase64):
        raise ValueError("This is no X.509 certificate in PEM or base64.") from None
    key = found.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SMALLEST_RSA:
        raise ValueError(f"This certificate's key has {key.key_size} bits; {_SMALLEST_RSA} are the least.")
    digest = found.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(found.subject.rfc4514_string(), digest, found.not_valid_after_utc)
