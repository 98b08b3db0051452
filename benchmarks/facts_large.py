"""The same over 100 million changes: a long call that can be broken off and gone on with, in a folder that is kept."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ground import Ground, ground

CHANGES = 100_000_000
# Measured at 3 million changes: 284 bytes; 40 % more for vacuum and the write-ahead log.
_BYTES_A_CHANGE = 400
_MINUTES_A_MILLION = 0.9


@contextmanager
def prepared(changes: int, *, folder: Path | None) -> Iterator[Ground]:
    """A ground whose data stays where it is until its figures are there. Raises SystemExit for want of disk."""
    chosen = folder or Path(tempfile.gettempdir()) / f"sprintreports-bench-{changes}"
    needed = changes * _BYTES_A_CHANGE
    chosen.mkdir(parents=True, exist_ok=True)
    there = sum(path.stat().st_size for path in chosen.rglob("*") if path.is_file())
    free = shutil.disk_usage(chosen).free
    print(
        f"About {needed / 1e9:.0f} GB in {chosen} ({there / 1e9:.1f} GB are there) and {changes / 1e6 * _MINUTES_A_MILLION:.0f} "
        "minutes on two cores. Break it off whenever you like: the same command goes on from there.",
        flush=True,
    )
    if free + there < needed:
        raise SystemExit(f"Only {free / 1e9:.0f} GB are free there. Name another folder with --folder.")
    with ground(quick=False, kept=chosen) as place:
        yield place
    if folder is None:
        shutil.rmtree(chosen, ignore_errors=True)
