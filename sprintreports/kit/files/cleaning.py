"""Text of strangers, made fit for files: without what XML and calendars cannot hold, and as long as a cell may be."""

from __future__ import annotations

import re

# Control characters, halves of surrogate pairs, what Unicode says is no character, and marks that turn the
# direction of writing round for all that follows.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text with a blank for each character that does not belong into a file."""
    return _UNFIT.sub(" ", text)


def cut(text: str, most: int) -> str:
    """The text, at most so many UTF-16 units long; no character is cut in two."""
    if len(text) * 2 <= most:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return text if len(units) <= most * 2 else units[: most * 2].decode("utf-16-le", "ignore")
