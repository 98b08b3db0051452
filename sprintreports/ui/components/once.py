"""One-time links: made for the eyes of an admin alone, and read from the address by the browser alone."""

import reflex as rx

_LIBRARY = "$/public/once.jsx"


class OneTimeLink(rx.Component):
    """A button that asks the REST address `to` for a link and shows it, once. A state would keep it."""

    library = _LIBRARY
    tag = "OneTimeLink"
    to: rx.Var[str]
    label: rx.Var[str]
    owner: rx.Var[str]


class FromFragment(rx.Component):
    """A hidden field of the form around it that holds what stands behind the # of the address."""

    library = _LIBRARY
    tag = "FromFragment"
    name: rx.Var[str]


one_time_link = OneTimeLink.create
from_fragment = FromFragment.create
