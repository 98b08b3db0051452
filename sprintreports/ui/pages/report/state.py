"""The report that the address names: one of the library, or one that is not kept (yet)."""

from dataclasses import replace
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.reports.baselines import ledger
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.library import documents, reports, specs, templates
from sprintreports.reports.library.reports import ReportInfo, TemplateChoice, Wanted
from sprintreports.reports.spec import BaselineSpec, Frozen, Live, Spec
from sprintreports.ui import telling
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.planning.entering import word
from sprintreports.ui.reporting import choosing, shown, states
from sprintreports.ui.reporting.shown import Group
from sprintreports.ui.reporting.states import LIBRARY, TEMPLATES, VIEW
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState


class ReportPage(PageState, rx.State):
    """Everything on the page, as text. report: the id of one of the library; empty: it is not kept."""

    title: str = ""
    subtitle: str = ""
    report: str = ""
    kind: str = ""
    name: str = ""
    tags: list[str] = []
    tags_text: str = ""
    shared: bool = False
    owner: str = ""
    may_change: bool = False
    may_link: bool = False
    at: str = ""  # the address that is shown: a panel that was opened at another one is closed
    may_share: bool = False
    groups: list[Group] = []
    basis: list[str] = []
    templates: list[Option] = []
    template: str = ""
    templates_link: str = TEMPLATES
    drawn: bool = False
    dated: bool = False
    against_now: str = ""
    editing: bool = False
    complaint: str = ""

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        here = visit()
        parameters = self._parameters()
        self._put(editing=False, complaint="", at=address(VIEW, parameters))
        await around(self)
        asked = states.asked_by(parameters)
        picked = parameters.get("template")
        if asked.report_id is not None:
            info = await reports.one(here.session, here.viewer, asked.report_id)
            choice = info.template if picked is None else choosing.choice_of(picked)
            made = await self._kept(info, None if picked is None else choice)
            spec = info.spec
        else:
            spec = (await specs.definite(here.session, here.viewer, _spec(asked), now=here.now)).spec
            choice = choosing.choice_of(picked or "")
            layout = await templates.chosen(here.session, here.viewer, choice)
            made = await documents.of_spec(
                here.session, here.viewer, spec, layout=layout, zone=here.zone.key, now=here.now
            )
            self._put(
                report="",
                name=made.title[:120],
                tags=[],
                tags_text="",
                shared=False,
                owner="",
                may_change=False,
                may_link=False,
            )
        await self._show(made, spec, choice)
        self._settle(READY)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_template(self, template: str) -> Any:
        # Said in so many words: a report that has a template of its own is laid out by that one otherwise.
        return rx.redirect(address(VIEW, self._parameters(), template=template or choosing.USUAL_ORDER))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def edit(self) -> None:
        self.complaint = ""
        self.editing = True

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def end_editing(self) -> None:
        self.complaint = ""
        self.editing = False

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def keep(self, form: dict[str, Any]) -> Any:
        """Put the report into the library, or change what it is called there, how it is laid out, and who sees it."""
        here = visit()
        self.complaint = ""
        asked = states.asked_by(self._parameters())
        if asked.report_id is None:
            wanted = _entered(Wanted("", _spec(asked)), form, self.template)
            made = await reports.create(here.session, here.viewer, wanted, now=here.now)
            self.editing = False
            return rx.redirect(address(VIEW, id=made.id))
        before = reports.wanted_of(await reports.hold(here.session, here.viewer, asked.report_id))
        wanted = _entered(before, form, self.template)
        info = await reports.change(here.session, here.viewer, asked.report_id, wanted, now=here.now)
        self.editing = False
        self._told(info)
        return telling.good("The report is kept like this.")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def delete(self) -> Any:
        here = visit()
        self.complaint = ""
        await reports.delete(here.session, here.viewer, identifier(self.report) or 0, now=here.now)
        return rx.redirect(LIBRARY)

    async def _kept(self, info: ReportInfo, choice: TemplateChoice | None) -> Document:
        here = visit()
        self._told(info)
        return await documents.of_report(
            here.session, here.viewer, info.id, template=choice, zone=here.zone.key, now=here.now
        )

    def _told(self, info: ReportInfo) -> None:
        self._put(
            report=str(info.id),
            name=info.name,
            tags=list(info.tags),
            tags_text=", ".join(info.tags),
            shared=info.shared,
            owner=info.owner,
            may_change=reports.may_change(visit().viewer, info),
            may_link=reports.may_publish(visit().viewer, info),
        )

    async def _show(self, made: Document, spec: Spec, choice: TemplateChoice) -> None:
        here = visit()
        kind = specs.kind_of(spec)
        text = choosing.text_of(choice)
        self._put(
            title=made.title,
            subtitle=made.subtitle,
            kind=states.kind_name(kind),
            may_share=here.viewer.can(Permission.REPORTS_WRITE),
            groups=shown.groups(made),
            basis=list(made.basis),
            templates=await choosing.options(here.session, here.viewer, kind, chosen=choice),
            template=text,
            templates_link=address(TEMPLATES, kind=kind.value),
            drawn=any(True for _ in made.charts),
            dated=bool(made.calendar),
            against_now=await _against_now(spec),
        )


def _spec(asked: states.Asked) -> Spec:
    assert asked.spec is not None  # noqa: S101  # an address names one or the other
    return asked.spec


def _entered(before: Wanted, form: dict[str, Any], template: str) -> Wanted:
    return replace(
        before,
        name=word(form, "name"),
        tags=tuple(word(form, "tags").split(",")),
        template=choosing.choice_of(template),
        shared="shared" in form,
    )


async def _against_now(spec: Spec) -> str:
    """Where a baseline is compared with its sprint as it is now; empty for other reports."""
    if not isinstance(spec, BaselineSpec) or not isinstance(spec.of, Frozen):
        return ""
    here = visit()
    kept = await ledger.one(here.session, here.viewer, spec.of.baseline_id)
    return states.compared(spec.of, Live(kept.sprint_id, kept.board_id))
