"""Memory of processes, as Linux counts it."""

import re
from pathlib import Path


def tree(pid: int) -> list[int]:
    """A process and all that came from it."""
    found, parents = [pid], _parents()
    for known in found:
        found.extend(child for child, parent in parents.items() if parent == known)
    return found


def resident(pid: int) -> float:
    """MB that a process and its children hold, pages that they share counted once among them."""
    return sum(_kilobytes(f"/proc/{one}/smaps_rollup", "Pss") for one in tree(pid)) / 1024


def children(pid: int) -> list[int]:
    """What a process has started itself."""
    return [child for child, parent in _parents().items() if parent == pid]


def command(pid: int) -> str:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    return found


def _kilobytes(path: str, what: str) -> int:
    try:
        found = re.search(rf"^{what}:\s+(\d+) kB", Path(path).read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0
