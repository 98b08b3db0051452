"""Plotly's own script, for files that draw their charts themselves: the small bundle that the built pages use, or the package's."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from sprintreports.kit.errors import Unavailable
from sprintreports.settings import settings


class NoPlotly(Unavailable):
    """Plotly's script is not where it was installed, so no chart can be drawn. Install Sprint Reports again."""


def plotly() -> str:
    """The script, safe to stand between script tags. 1.1 MB beside built pages, else 4.8 MB. Raises NoPlotly."""
    small = settings().chart_script
    return _read(small if small.is_file() else _packaged())


@cache
def hash_of(script: str) -> str:
    """How a Content-Security-Policy names a script or a style sheet."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


@cache
def _read(path: Path) -> str:
    """Nothing in it ends the element that it stands in."""
    script = path.read_text(encoding="utf-8")
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--").strip()


def _packaged() -> Path:
    found = find_spec("plotly")  # asked for, not imported: that takes as long as drawing
    path = Path(found.origin).parent / "package_data" / "plotly.min.js" if found and found.origin else None
    if path is None or not path.is_file():
        raise NoPlotly
    return path
