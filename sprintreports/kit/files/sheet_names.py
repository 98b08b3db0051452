"""Names of sheets that every spreadsheet program takes, whatever people have called what is on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sprintreports.kit.files.cleaning import clean, cut

LONGEST = 31  # counted as spreadsheets count, in UTF-16 units
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_RESERVED = "history"  # Excel keeps it for itself


def sheet_names(wanted: Iterable[str], *, taken: Iterable[str] = (), unnamed: str = "Team") -> Iterator[str]:
    """One name for each, in order: no two alike whatever their case, none empty (`unnamed`), reserved or too long."""
    used = {_RESERVED, *(name.casefold() for name in taken)}
    for one in wanted:
        plain = _plain(one, unnamed)
        name, number = plain, 1
        while name.casefold() in used:
            number += 1
            mark = f" ({number})"
            name = cut(plain, LONGEST - len(mark)).rstrip() + mark
        used.add(name.casefold())
        yield name


def _plain(name: str, unnamed: str) -> str:
    """An apostrophe may stand in a name, but neither begin nor end it."""
    words = " ".join(clean(name).translate(_FORBIDDEN).split())
    return cut(words.strip("' "), LONGEST).strip("' ") or unnamed
