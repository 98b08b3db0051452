"""What a page shows is sent once: Reflex sends all that is assigned, also what is equal to what the browser has."""

from typing import Any

import reflex as rx

from sprintreports.ui.session import visit


class Sparing(rx.State, mixin=True):
    """A state that assigns only what differs from what it holds.

    Values may be shared by all sessions of the process: they are replaced, never changed. After a load that was cut off
    by the next one nobody knows what the browser got: then all of it is assigned, once.
    """

    _sent_after: int = 0

    def _put(self, **values: Any) -> None:
        everything = self._sent_after != visit().cuts
        for name, value in values.items():
            held = self.get_value(name)
            if everything or (held is not value and held != value):
                setattr(self, name, value)

    def _all_put(self) -> None:
        if self._sent_after != visit().cuts:
            self._sent_after = visit().cuts
