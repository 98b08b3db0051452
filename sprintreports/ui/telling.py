"""Short words in the corner of the page, said without `eval`: Reflex's own toasts are scripts that the browser evaluates.

The server sets the "value" of a field that is no field but shows what it is given (assets/telling.jsx).
"""

import json

import reflex as rx
from reflex.event import EventSpec

from sprintreports.kit.errors import SprintReportsError

_POINTER = ": see the details."


class Teller(rx.Component):
    """Shows what `good` and `bad` say. Once a page, beside the toaster."""

    library = "$/public/telling.jsx"
    tag = "Teller"


def teller(stateful: bool) -> rx.Component | None:
    """The wrap that puts it around every page."""
    return rx.fragment(Teller.create()) if stateful else None


def good(message: str, *, detail: str = "", seconds: float = 4) -> EventSpec:
    """Say that something went well."""
    return _said("good", message, detail, seconds)


def bad(message: str, *, detail: str = "", seconds: float = 8) -> EventSpec:
    """Say that something went wrong; `detail` is the number to give to an admin."""
    return _said("bad", message, detail, seconds)


def leave(path: str) -> EventSpec:
    """Go to an address of ours by a full page load, with the cookies that the browser has by then.

    `rx.redirect` stays in the app: the socket, and so the cookie that we see, remains the one of before.
    """
    return _said("leave", path, "", 0)


def sentence(error: SprintReportsError) -> str:
    """What an error tells its reader: its sentence and its details, each once (assets/answers.jsx does the same)."""
    details = [detail.message for detail in error.details]
    pointed = (
        f"{error.message.removesuffix(_POINTER)}:" if error.message.endswith(_POINTER) else error.message
    )
    return " ".join(dict.fromkeys([pointed, *details] if details else [error.message]))


def _said(kind: str, message: str, detail: str, seconds: float) -> EventSpec:
    said = {"kind": kind, "message": message, "detail": detail, "seconds": seconds}
    return rx.set_value("teller", json.dumps(said))
