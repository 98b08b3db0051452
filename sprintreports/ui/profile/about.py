"""The profile's tab "about": name, time zone, how numbers and dates are written, theme. Kept, and applied at once."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from sprintreports.identity import profile, users
from sprintreports.identity.permissions import Permission
from sprintreports.identity.profile import Choices, Locale, Theme
from sprintreports.kit.errors import Invalid
from sprintreports.ui import roles, telling
from sprintreports.ui.components.basics import by_status, facts, loading, notice, skeleton
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_THEMES = ((Theme.SYSTEM, "As my device is set"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark"))
_LOCALES = (
    ("", "1,234.5 and 14 Oct 2025"),
    (Locale.EN_US, "1,234.5 and Oct 14, 2025"),
    (Locale.DE_DE, "1.234,5 and 14 Oct 2025"),
    (Locale.DE_CH, "1’234.5 and 14 Oct 2025"),
    (Locale.FR_FR, "1 234,5 and 14 Oct 2025"),
    (Locale.SV_SE, "1 234,5 and 2025-10-14"),
)


class AboutForm(PageState, rx.State):
    """One's own name and preferences."""

    complaint: str = ""
    name: str = ""
    email: str = ""
    username: str = ""
    role: str = ""
    jira: str = ""
    time_zone: str = ""
    locale: str = ""
    theme: str = Theme.SYSTEM.value
    zones: list[str] = []

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        here = visit()
        user = await users.one(here.session, here.viewer.user_id)
        self._put(
            complaint="",
            name=user.name,
            email=user.email,
            username=user.username,
            role=", ".join(part for part in roles.words(user.grants) if part),
            jira=user.jira_account_id or "Not linked",
            time_zone=user.time_zone or "",
            locale=user.locale or "",
            theme=user.theme,
            zones=sorted(available_timezones()),
        )
        self._settle(READY)

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def keep_profile(self, form: dict[str, Any]) -> Any:
        """Keep the choices, and load frame and form again with them: events of their own, to which they apply."""
        here = visit()
        self.complaint = ""
        if form.get("theme") not in set(Theme):
            raise Invalid("Choose a theme from the list.")
        choices = Choices(
            name=str(form.get("name", "")),
            time_zone=str(form.get("time_zone", "")).strip(),
            locale=str(form.get("locale", "")),
            theme=Theme(form["theme"]),
        )
        await profile.change(here.session, here.viewer, choices)
        return [telling.good("Kept. It holds on all your devices."), Frame.load, AboutForm.load]


LOADS = (AboutForm.load,)


def panel() -> rx.Component:
    """The tab's content, without a frame of its own."""
    return by_status(
        AboutForm, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))
    )


def _ready() -> rx.Component:
    return rx.el.div(
        facts(
            ("E-mail address", AboutForm.email),
            ("User name", AboutForm.username),
            ("Role", AboutForm.role),
            ("Jira account", AboutForm.jira),
        ),
        rx.el.form(
            rx.el.div(
                _field(
                    "Name", "name",
                    rx.el.input(
                        id="about-name", name="name", type="text", default_value=AboutForm.name, key=AboutForm.name, required=True,
                        max_length=200, auto_complete="name",
                    ),
                    "How others see you here.",
                ),
                _field(
                    "Time zone", "time_zone",
                    rx.el.input(
                        id="about-time_zone", name="time_zone", type="text", list="profile-zones",
                        default_value=AboutForm.time_zone, placeholder="As the browser says", max_length=64,
                    ),
                    "Moments are shown in it. Days of a sprint are its board's.",
                ),
                _field("Numbers and dates", "locale", _select("locale", _LOCALES, AboutForm.locale), ""),
                _field("Theme", "theme", _select("theme", _THEMES, AboutForm.theme), ""),
                class_name="form-grid",
            ),
            rx.el.datalist(
                rx.foreach(AboutForm.zones, lambda zone: rx.el.option(value=zone)), id="profile-zones"
            ),
            rx.cond(AboutForm.complaint != "", notice(AboutForm.complaint, tone="bad")),
            rx.el.div(rx.el.button("Save", type="submit", class_name="button primary"), class_name="row"),
            on_submit=AboutForm.keep_profile,
            class_name="stack",
        ),
        class_name="stack",
    )  # fmt: skip


def _field(label: str, name: str, control: rx.Component, help_text: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"about-{name}"),
        control,
        rx.el.span(help_text, class_name="help") if help_text else rx.fragment(),
        class_name="field",
    )


def _select(name: str, options: tuple[tuple[str, str], ...], value: Any) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(text, value=str(one)) for one, text in options],
        id=f"about-{name}",
        name=name,
        default_value=value,
        key=value,
    )
