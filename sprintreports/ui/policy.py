"""The Content-Security-Policy of the pages: our own scripts and the inline ones of this very build, nothing else.

`unsafe-eval` stays: Reflex runs toasts and the like through it, and it opens no way for injected markup.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256

from reflex.utils import prerequisites
from reflex_base import constants

_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def content_policy(pages: Iterable[str]) -> str:
    """The policy for pages with these inline scripts."""
    hashes = sorted({f"'sha256-{_hash(script)}'" for page in pages for script in _INLINE.findall(page)})
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'unsafe-eval'", *hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
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
