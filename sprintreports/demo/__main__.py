"""python -m sprintreports.demo: the stand-in Jira on its own."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.faults import Faults
from sprintreports.demo.run import serve


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sprintreports.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one and prints it")
    parser.add_argument("--dialect", type=Dialect, choices=list(Dialect), default=Dialect.CLOUD)
    parser.add_argument("--seed", default="1", help="the same seed and now give the same company")
    parser.add_argument("--scale", type=float, default=1.0, help="about 3,000 issues at 1, 100,000 at 34")
    parser.add_argument(
        "--chatter", type=int, default=0, help="up to so many further changes in each issue: ranks, labels …"
    )
    parser.add_argument("--replay", type=Path, help="serve recorded raw JSON from this folder instead")
    parser.add_argument(
        "--now", type=int, help="the company's present in milliseconds since 1970; default: this hour"
    )
    parser.add_argument("--ready-file", type=Path, help="written with the base URL when the server answers")
    parser.add_argument(
        "--faults", type=_faults, help="what goes wrong from the start, as JSON (docs/stand-in.md)"
    )
    given = parser.parse_args(arguments)
    return serve(
        port=given.port, dialect=given.dialect, seed=given.seed, scale=given.scale, chatter=given.chatter,
        replay=given.replay, now=given.now, faults=given.faults, ready=_writer(given.ready_file),
    )  # fmt: skip


def _faults(text: str) -> Faults:
    try:
        return msgspec.json.decode(text, type=Faults)
    except msgspec.DecodeError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _writer(path: Path | None) -> Callable[[str], None] | None:
    if path is None:
        return None

    def write(base_url: str) -> None:
        # Renamed into place, so that whoever waits never reads half a URL.
        part = path.with_suffix(".part")
        part.write_text(base_url, encoding="utf-8")
        part.rename(path)

    return write


if __name__ == "__main__":
    sys.exit(main())
