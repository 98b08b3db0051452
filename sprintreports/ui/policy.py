"""What browsers are told about every answer: whose scripts run, who may frame it, what is never sent along.

The pages' Content-Security-Policy lets our own script files run and the inline scripts of this very build, by their
hashes; nothing is evaluated (ui/telling.py says what Reflex would evaluate, and how we do without).
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256

from reflex.utils import prerequisites
from reflex_base import constants

_NOT_NEEDED = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "publickey-credentials-get", "usb",
    )
)  # fmt: skip
# For every answer, REST's too; REST sets a stricter Content-Security-Policy of its own.
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", _NOT_NEEDED.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Only where the answer came over TLS: a browser ignores it otherwise, and a trial on localhost must not be locked in.
TLS_ONLY = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def content_policy(pages: Iterable[str]) -> str:
    """The policy for pages with these inline scripts."""
    hashes = sorted({f"'sha256-{_hash(script)}'" for page in pages for script in _INLINE.findall(page)})
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def built_pages() -> Iterator[str]:
    """The pages of the build that this process serves; none while there is no build."""
    folder = prerequisites.get_web_dir() / constants.Dirs.STATIC
    for page in sorted(folder.rglob("*.html")):
        yield page.read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()
