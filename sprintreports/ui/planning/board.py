"""The board of a sprint queue: assets/planner.jsx."""

from typing import Any

import reflex as rx


class ReadBoard(rx.Component):
    """Teams side by side with their cards. `on_want`: lists that came into sight; `on_catch_up`: somebody changed something."""

    library = "$/public/planner.jsx"
    tag = "Planner"
    queue: rx.Var[str]
    head: rx.Var[int]
    final: rx.Var[bool]
    may: rx.Var[bool]
    heard: rx.Var[str]
    told: rx.Var[list[str]]
    totals: rx.Var[dict[str, Any]]
    rules: rx.Var[dict[str, Any]]
    algorithms: rx.Var[list[dict[str, str]]]
    weights: rx.Var[list[dict[str, Any]]]
    lists: rx.Var[list[dict[str, Any]]]
    answers: rx.Var[list[dict[str, Any]]]
    on_want: rx.EventHandler[rx.event.passthrough_event_spec(str, int)]
    on_catch_up: rx.EventHandler[rx.event.passthrough_event_spec(int)]


class PlannerBoard(ReadBoard):
    """The same to change: it shows at once what it expects of a change, until the server has answered.

    `on_send`: one try as JSON.
    """

    on_send: rx.EventHandler[rx.event.passthrough_event_spec(str)]


read_board = ReadBoard.create
planner_board = PlannerBoard.create
