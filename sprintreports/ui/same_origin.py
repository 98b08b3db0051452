"""One build for every host and port: the front end talks to the address that it was loaded from.

Reflex bakes the backend's address into the build. This plugin replaces it in the built chunk, before the files are
compressed, by the page's own origin.
"""

import re
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

_BAKED = re.compile(r"""(["'`])(http|ws)s?://(?:localhost|127\.0\.0\.1):8000(/[\w./-]*)\1""")
_PARTS = {"http": "location.origin", "ws": 'location.origin.replace(/^http/,"ws")'}


class SameOrigin(Plugin):
    """A Reflex plugin: runs once, at the end of a build."""

    def post_build(self, **context: Any) -> None:
        chunks = list(Path(context["static_dir"]).joinpath("assets").glob("*.js"))
        changed = sum(_rewrite(chunk) for chunk in chunks)
        if changed == 0:
            raise RuntimeError(
                "The built front end holds no backend address to replace: Reflex's build has changed."
            )


def own_origin(script: str) -> tuple[str, int]:
    """The script with baked addresses replaced, and how many there were."""
    return _BAKED.subn(lambda found: f'({_PARTS[found[2]]}+"{found[3]}")', script)


def _rewrite(chunk: Path) -> int:
    script, count = own_origin(chunk.read_text(encoding="utf-8"))
    if count:
        chunk.write_text(script, encoding="utf-8")
    return count
