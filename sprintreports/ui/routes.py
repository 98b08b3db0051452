"""Which page is where, and what it loads.

The frame loads first, or within the page's own event (`frame_state.around`) where its board and sprint are the defaults.
"""

from typing import Any

import reflex as rx

from sprintreports.ui.components.outgoing import Outgoing
from sprintreports.ui.components.providers import ProviderButtons
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.api_clients import page as api_clients
from sprintreports.ui.pages.api_clients.state import ApiClients
from sprintreports.ui.pages.audit import page as audit
from sprintreports.ui.pages.audit.state import Audit
from sprintreports.ui.pages.baselines import page as baselines
from sprintreports.ui.pages.baselines.state import Baselines
from sprintreports.ui.pages.capacity import page as capacity
from sprintreports.ui.pages.capacity.state import CapacityPage
from sprintreports.ui.pages.connections import page as connections
from sprintreports.ui.pages.connections.state import Connections
from sprintreports.ui.pages.definitions import page as definitions
from sprintreports.ui.pages.deliveries import page as deliveries
from sprintreports.ui.pages.deliveries.state import Deliveries
from sprintreports.ui.pages.invitation import page as invitation
from sprintreports.ui.pages.invitation.state import Invitation
from sprintreports.ui.pages.missing import page as missing
from sprintreports.ui.pages.notices import page as notices
from sprintreports.ui.pages.notices.state import Notices
from sprintreports.ui.pages.overview import page as overview
from sprintreports.ui.pages.overview.state import Overview
from sprintreports.ui.pages.personal_data import page as personal_data
from sprintreports.ui.pages.personal_data.state import PersonalData
from sprintreports.ui.pages.planner import page as planner
from sprintreports.ui.pages.planner.panels import PlannerTabs
from sprintreports.ui.pages.planner.state import PlannerPage
from sprintreports.ui.pages.profile import page as profile
from sprintreports.ui.pages.profile.state import ProfilePage
from sprintreports.ui.pages.quality import page as quality
from sprintreports.ui.pages.quality.state import QualityPage
from sprintreports.ui.pages.queues import page as queues
from sprintreports.ui.pages.queues.state import Queues
from sprintreports.ui.pages.reconciliation import page as reconciliation
from sprintreports.ui.pages.reconciliation.state import Reconciling
from sprintreports.ui.pages.report import page as report
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.pages.report_template import page as report_template
from sprintreports.ui.pages.report_template.preview import TemplatePreview
from sprintreports.ui.pages.report_template.state import ReportTemplate
from sprintreports.ui.pages.report_templates import page as report_templates
from sprintreports.ui.pages.report_templates.state import ReportTemplates
from sprintreports.ui.pages.reports import page as reports
from sprintreports.ui.pages.reports.state import Reports
from sprintreports.ui.pages.runs import page as runs
from sprintreports.ui.pages.runs.state import Runs
from sprintreports.ui.pages.schedules import page as schedules
from sprintreports.ui.pages.schedules.state import Schedules
from sprintreports.ui.pages.setup import page as setup
from sprintreports.ui.pages.setup.state import Setup
from sprintreports.ui.pages.sign_in import page as sign_in
from sprintreports.ui.pages.sign_in.state import SignIn
from sprintreports.ui.pages.sign_in_providers import page as sign_in_providers
from sprintreports.ui.pages.sign_in_providers.state import SignInProviders
from sprintreports.ui.pages.site import page as site
from sprintreports.ui.pages.site.state import SitePage
from sprintreports.ui.pages.sites import page as sites
from sprintreports.ui.pages.sites.state import Sites
from sprintreports.ui.pages.sprint import page as sprint
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.pages.team import page as team
from sprintreports.ui.pages.team.state import TeamPage
from sprintreports.ui.pages.teams import page as teams
from sprintreports.ui.pages.teams.state import Teams
from sprintreports.ui.pages.users import page as users
from sprintreports.ui.pages.users.state import Users
from sprintreports.ui.pages.velocity import page as velocity
from sprintreports.ui.pages.velocity.state import VelocityPage
from sprintreports.ui.pages.webhooks import page as webhooks
from sprintreports.ui.pages.webhooks.state import Webhooks

PAGES: tuple[tuple[str, str, Any, tuple[Any, ...]], ...] = (
    ("/", "Overview", overview.page, (Overview.load,)),
    ("/sprint", "Sprint", sprint.page, (Sprint.load,)),
    ("/velocity", "Velocity", velocity.page, (VelocityPage.load,)),
    ("/capacity", "Capacity", capacity.page, (CapacityPage.load,)),
    ("/queues", "Queues", queues.page, (Queues.load,)),
    ("/reports", "Reports", reports.page, (Reports.load,)),
    ("/report", "Report", report.page, (ReportPage.load,)),
    ("/report-templates", "Report templates", report_templates.page, (ReportTemplates.load,)),
    (
        "/report-template",
        "Report template",
        report_template.page,
        (ReportTemplate.load, TemplatePreview.load),
    ),
    ("/baselines", "Baselines", baselines.page, (Baselines.load,)),
    ("/schedules", "Schedules", schedules.page, (Schedules.load,)),
    ("/deliveries", "Deliveries", deliveries.page, (Deliveries.load,)),
    ("/teams", "Teams", teams.page, (Teams.load,)),
    ("/team", "Team", team.page, (Frame.load, TeamPage.load)),
    ("/planner", "Planner", planner.page, (PlannerPage.load, PlannerTabs.load)),
    ("/quality", "Data quality", quality.page, (QualityPage.load,)),
    ("/reconciliation", "Reconciliation", reconciliation.page, (Reconciling.load,)),
    ("/sites", "Jira sites", sites.page, (Frame.load, Sites.load, Outgoing.load)),
    ("/site", "Jira site", site.page, (Frame.load, SitePage.load)),
    ("/runs", "Sync runs", runs.page, (Frame.load, Runs.load)),
    ("/webhooks", "Webhooks", webhooks.page, (Webhooks.load,)),
    ("/connections", "Connections", connections.page, (Connections.load,)),
    ("/api-clients", "API clients", api_clients.page, (ApiClients.load,)),
    ("/sign-in-providers", "Sign-in", sign_in_providers.page, (SignInProviders.load,)),
    ("/audit", "Audit log", audit.page, (Frame.load, Audit.load)),
    ("/personal-data", "Personal data", personal_data.page, (Frame.load, PersonalData.load)),
    ("/users", "Users", users.page, (Users.load,)),
    ("/notices", "Notices", notices.page, (Notices.load,)),
    ("/profile", "Your profile", profile.page, (ProfilePage.load,)),
    ("/invitation", "Choose your password", invitation.page, (Invitation.load,)),
    ("/definitions", "Definitions", definitions.page, (Frame.load,)),
    ("/setup", "First steps", setup.page, (Setup.load,)),
    ("/sign-in", "Sign in", sign_in.page, (SignIn.load, ProviderButtons.load)),
)


def register(app: rx.App) -> None:
    """Add every page to the app."""
    for route, name, page, loaded in PAGES:
        app.add_page(page, route=route, title=f"{name} · Sprint Reports", on_load=list(loaded))
    app.add_page(missing.page, route="404", title="No such page · Sprint Reports")
