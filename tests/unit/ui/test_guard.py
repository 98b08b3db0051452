"""Default deny: every handler that a socket can reach wears a rule, and the framework's own doors are known by name."""

from collections.abc import Iterator

import pytest
import reflex as rx
from reflex.state import State
from reflex_base.registry import RegistrationContext

from sprintreports.identity.permissions import Permission
from sprintreports.ui import routes
from sprintreports.ui.binding import cookie_value
from sprintreports.ui.guard import FRAMEWORK, rule_of
from sprintreports.ui.session import PUBLIC

PUBLIC_HANDLERS = {"sign_in.load", "setup.load", "invitation.load", "provider_buttons.load"}
DENIED = ("setvar", "update_vars_internal")


@pytest.fixture(scope="module")
def handlers() -> dict[str, object]:
    assert routes.register  # importing the routes registers every state
    return RegistrationContext.ensure_context().event_handlers


def _ours(handlers: dict[str, object]) -> Iterator[str]:
    return (name for name in handlers if "sprintreports___" in name and not name.endswith(".setvar"))


def test_every_handler_of_ours_wears_a_rule(handlers):
    names = list(_ours(handlers))
    assert len(names) > 25
    for name in names:
        assert rule_of(name) in {PUBLIC, *Permission}, (
            f"{name} has no rule: decorate it with @loads, @acts or @public"
        )


def test_only_sign_in_and_set_up_are_public(handlers):
    public = {name for name in _ours(handlers) if rule_of(name) == PUBLIC}
    assert {".".join(name.rsplit("____", 1)[-1].split(".")) for name in public} == PUBLIC_HANDLERS


def test_handlers_that_write_settings_need_the_permission_to(handlers):
    writers = {
        "submit",
        "choose",
        "confirm",
        "save",
        "forget",
        "start_full",
        "start_changes",
        "cancel",
        "test",
    }
    found = {name.rsplit(".", 1)[-1]: rule_of(name) for name in _ours(handlers)}
    assert {name: found[name] for name in writers} == dict.fromkeys(writers, Permission.SETTINGS_WRITE)


def test_the_framework_has_no_other_doors_than_those_we_know(handlers):
    framework = {name for name in handlers if "sprintreports___" not in name and name.startswith("reflex___")}
    unknown = {name for name in framework - FRAMEWORK if not name.endswith(DENIED)}
    assert unknown == set()
    assert framework >= FRAMEWORK


def test_an_unmarked_handler_has_no_rule():
    class Careless(State):
        @rx.event
        async def leak(self) -> None:
            """Somebody forgot."""

    name = f"{Careless.get_full_name()}.leak"
    try:
        assert name in RegistrationContext.ensure_context().event_handlers
        assert rule_of(name) is None
        assert rule_of("no.such.handler") is None
    finally:
        del RegistrationContext.ensure_context().event_handlers[name]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("a=1; sprintreports_session=xyz; b=2", "xyz"),
        ("", ""),
        ("sprintreports_session_2=xyz", ""),
        ("broken; =; x", ""),
    ],
)
def test_the_cookie_is_found_by_its_whole_name(header: str, value: str):
    assert cookie_value(header, "sprintreports_session") == value
