"""Build the front end once, and again only when something that goes into it has changed.

The build needs no database and no Node: bun comes as a wheel. What it leaves to serve is `build/client`, `backend/`
and `routes.json` (about 5 MB); `pack` copies just those, for an image.
"""

import fcntl
import hashlib
import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprintreports.kit.errors import SprintReportsError
from sprintreports.settings import PROJECT_ROOT, environment, settings

_STAMP = "built-from.sha256"
#: Plotly's small bundle among the packages of the build, and its copy for files that draw their own charts.
_PLOTLY, _PLOTLY_COPY = "node_modules/plotly.js-basic-dist-min/plotly-basic.min.js", "plotly-basic.min.js"
_SERVED = ("build/client", "backend", "routes.json")
_PAGES = (
    (".", "rxconfig.py"),
    ("sprintreports", "sprintreports.py"),
    ("sprintreports/ui", "**/*.py"),
    ("assets", "**/*"),
)
_LOCK = (("reflex.lock", "**/*"),)
_SKIPPED = {"__pycache__", "external"}


class FrontEndNotBuilt(SprintReportsError):
    """The front end could not be built. The build's own words are above; free disk space and try again."""


def ensure_built(root: Path, *, into: Path | None = None) -> Path:
    """The folder of an up-to-date front end, building it first where needed. Two callers at once build it once."""
    web = (into or folder()).resolve()
    web.mkdir(parents=True, exist_ok=True)
    wanted = fingerprint(root)
    if _stamp(web) == wanted:
        return web
    with _only_one(web):
        if _stamp(web) != wanted:
            (web / _STAMP).unlink(missing_ok=True)
            sources = _hash(root, _PAGES)
            _build(root, web)
            # Sources that were edited meanwhile want another build; the lock, the build itself may have written.
            (web / _STAMP).write_text(f"{sources}-{_hash(root, _LOCK)}\n", encoding="ascii")
    return web


def is_built(root: Path, *, into: Path | None = None) -> bool:
    """Whether `ensure_built` would return at once."""
    return _stamp((into or folder()).resolve()) == fingerprint(root)


def folder() -> Path:
    """Where this deployment keeps its front end: an image brings it along, a checkout builds it."""
    return settings().web_folder


def fingerprint(root: Path) -> str:
    """A hash of everything that goes into a build: page sources, assets, Reflex itself; and of the locked packages."""
    return f"{_hash(root, _PAGES)}-{_hash(root, _LOCK)}"


def pack(built: Path, target: Path) -> None:
    """Copy what is served, and nothing else, from a build into an empty folder."""
    for name in _SERVED:
        source, copy = built / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy2(source, copy)
    for name in (_PLOTLY_COPY, _STAMP):
        if (built / name).exists():
            shutil.copy2(built / name, target / name)


def _hash(root: Path, places: tuple[tuple[str, str], ...]) -> str:
    digest = hashlib.sha256(importlib.metadata.version("reflex").encode())
    for path in _files(root, places):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(root: Path, places: tuple[tuple[str, str], ...]) -> Iterator[Path]:
    for folder, pattern in places:
        for path in sorted((root / folder).glob(pattern)):
            if path.is_file() and not _SKIPPED.intersection(path.relative_to(root).parts):
                yield path


def _stamp(web: Path) -> str:
    served = all((web / name).exists() for name in _SERVED)
    stamp = web / _STAMP
    return stamp.read_text(encoding="ascii").strip() if served and stamp.exists() else ""


@contextmanager
def _only_one(web: Path) -> Iterator[None]:
    with (web / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _main() -> None:
    """`python -m sprintreports.ui.build`: for images, where the build is a step of its own."""
    sys.stdout.write(f"{ensure_built(PROJECT_ROOT)}\n")


def _build(root: Path, web: Path) -> None:
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    variables = environment(REFLEX_WEB_WORKDIR=str(web), REFLEX_TELEMETRY_ENABLED="false")
    done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
    if done.returncode or not all((web / name).exists() for name in _SERVED):
        sys.stderr.write((done.stdout + done.stderr)[-8000:])
        raise FrontEndNotBuilt
    if (web / _PLOTLY).exists():
        shutil.copy2(web / _PLOTLY, web / _PLOTLY_COPY)


if __name__ == "__main__":
    _main()
