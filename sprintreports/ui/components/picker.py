"""Board and sprint, picked in the top bar of every report."""

from typing import Any

import reflex as rx

from sprintreports.ui.frame_state import Frame


def board_and_sprint() -> rx.Component:
    return rx.el.div(_boards(), _sprints(), class_name="picker")


def board_only() -> rx.Component:
    return rx.el.div(_boards(), class_name="picker")


def _boards() -> rx.Component:
    return rx.cond(
        Frame.boards.length() > 0,
        _select("Board", "board", Frame.boards, value=Frame.board, on_change=Frame.pick_board),
    )


def _sprints() -> rx.Component:
    return rx.cond(
        Frame.sprints.length() > 0,
        _select("Sprint", "sprint", Frame.sprints, value=Frame.sprint, on_change=Frame.pick_sprint),
    )


def _select(label: str, name: str, options: Any, *, value: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        rx.foreach(options, lambda option: rx.el.option(option.label, value=option.value)),
        name=name,
        value=value,
        on_change=on_change,
        custom_attrs={"aria-label": label},
    )
