"""Countries by their names, for those who choose whose public holidays hold."""

import re
from collections.abc import Mapping
from functools import lru_cache

from sprintreports.planning.capacity.calendars import regions

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """The two letters of each country whose holidays are known, with its name in English, by name."""
    from holidays.registry import COUNTRIES

    named = {entry[1]: " ".join(_WORDS.split(entry[0])) for entry in COUNTRIES.values()}
    found = {code: named.get(code, code) for code in regions()}
    return dict(sorted(found.items(), key=lambda one: one[1]))
