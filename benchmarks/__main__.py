"""`python -m benchmarks [NAME …] [--quick] [--large]`: measure, print, and write into docs/benchmarks.md."""

import argparse
import importlib
from pathlib import Path

from benchmarks import report
from benchmarks.ground import ground

NAMES = (
    "sync",
    "delta",
    "soak",
    "hundred_thousand",
    "webhooks",
    "facts",
    "api",
    "auth",
    "sessions",
    "page",
    "planner",
    "queue",
    "capacity",
    "forecasts",
    "reports",
    "up",
)


def main() -> None:
    """Each benchmark on a database of its own; one that fails does not keep the others from running."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which ones (default: all of {', '.join(NAMES)})"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that all works; writes no document"
    )
    parser.add_argument(
        "--large", action="store_true", help="facts alone, over 100 million changes; can be resumed"
    )
    parser.add_argument("--changes", type=int, default=0, help="facts over this many changes instead")
    parser.add_argument("--folder", type=Path, help="facts: keep the data here, and go on with what is there")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if asked.large or asked.changes:
        _facts(asked)
        return
    failed = [name for name in asked.names or NAMES if not _run(name, quick=asked.quick)]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _run(name: str, *, quick: bool) -> bool:
    module = importlib.import_module(f"benchmarks.{name}")
    before = report.load()
    print(f"\n{name} …", flush=True)
    try:
        with ground(quick=quick) as place:
            _show(
                name,
                report.lines(module.measure(place), postgres=place.version, load_before=before),
                write=not quick,
            )
    except Exception as error:  # noqa: BLE001  # told below and in the exit code
        print(f"{name} failed: {type(error).__name__}: {error}", flush=True)
        return False
    return True


def _facts(asked: argparse.Namespace) -> None:
    from benchmarks import facts, facts_large

    before = report.load()
    changes = asked.changes or facts_large.CHANGES
    with facts_large.prepared(changes, folder=asked.folder) as place:
        result = facts.measured(place, changes=changes, kept=True)
        name = "facts-large" if changes == facts_large.CHANGES else "facts-other"
        lines = report.lines(result, postgres=place.version, load_before=before)
        _show(name, lines, write=changes == facts_large.CHANGES)


def _show(name: str, lines: list[str], *, write: bool) -> None:
    print("\n".join(lines), flush=True)
    if write:
        report.write(name, lines)


if __name__ == "__main__":
    main()
