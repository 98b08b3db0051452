"""Figures on the terminal and in docs/benchmarks.md, where each benchmark has a block of its own between markers."""

import os
import platform
import re
from pathlib import Path

from benchmarks.figures import Result, table
from sprintreports.kit import clock

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def machine(postgres: str) -> str:
    """Whose figures these are."""
    cpu = re.search(r"model name\s*:\s*(.+)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    system = re.search(r'PRETTY_NAME="(.+)"', _read("/etc/os-release"))
    parts = (
        cpu.group(1).strip() if cpu else platform.machine(),
        f"{os.cpu_count()} cores",
        f"{int(memory.group(1)) / 2**20:.0f} GiB" if memory else "",
        system.group(1) if system else platform.platform(),
        f"Python {platform.python_version()}",
        f"PostgreSQL {postgres}",
    )
    return ", ".join(part for part in parts if part)


def load() -> float:
    """What else the machine is doing: the load average of the last minute."""
    return os.getloadavg()[0]


def lines(result: Result, *, postgres: str, load_before: float) -> list[str]:
    """A result as Markdown."""
    when = f"{clock.now():%Y-%m-%d %H:%M} UTC"
    stamp = f"{when} on {machine(postgres)}. Load average when it began: {load_before:.1f}."
    notes = [line for note in result.notes for line in ("", note)]
    return [f"### {result.title}", "", stamp, "", *table(result), *notes]


def write(name: str, content: list[str]) -> None:
    """Replace one benchmark's block in the document."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    block = "\n".join([begin, *content, end])
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: block, text)
    else:
        text = text.rstrip("\n") + "\n\n" + block + "\n"
    DOCUMENT.write_text(text, encoding="utf-8")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
