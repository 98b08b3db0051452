"""Who may send which event of a page, written by hand: the handlers that are registered are compared with it.

A handler is named as in the code; `public` ones are open to visitors. What a handler writes is named by its permission,
and reading is not writing: what only closes a panel needs no more than what opened it.
"""

# permission: class of the state: its handlers
HANDLERS: dict[str, dict[str, str]] = {
    "sprints:read": {
        "AboutForm": "keep_profile load",
        "Drill": "close show show_bar",
        "Frame": "load pick_board pick_sprint",
        "KeysTab": "load made revoke",
        "LinkedProviders": "load unlink",
        "NoticeChoices": "choose load",
        "Notices": "load read read_all",
        "Overview": "load refresh",
        "ProfilePage": "load",
        "QualityPage": "load pick_sprint refresh",
        "Reconciling": "load refresh tick",
        "Search": "find",
        "SecurityTab": "again load switch_off",
        "Sprint": "find load refresh",
        "VelocityPage": "load pick_last refresh",
    },
    "capacity:read": {
        "AbsenceImport": "load",
        "CapacityPage": "find load refresh",
        "CapacityPanel": "close show",
        "TeamForm": "load",
        "TeamMembers": "load",
        "TeamMonth": "load",
        "TeamPage": "load",
        "Teams": "find load pick_group",
        "WhatIf": "ask begin end",
    },
    "capacity:write": {
        "AbsenceImport": "apply leave take",
        "CapacityPage": "copy_rates",
        "CapacityPanel": "keep take_back",
        "TeamForm": "delete keep keep_values merge pick_country",
        "TeamMembers": "add apply_paste begin_paste end_paste find_people keep look_at_paste take_out",
        "TeamMonth": "be_away paint",
        "Teams": "begin change_several create end map_values",
        "TeamsPaste": "apply begin end look",
    },
    "queues:read": {
        "ComparePanel": "choose_first choose_second load",
        "ExportPanel": "load made pick_version revoke",
        "PlannerPage": "catch_up load refresh want",
        "PlannerTabs": "load",
        "ProgressPanel": "load",
        "Queues": "load",
        "VersionsPanel": "leave load look pick_team turn",
    },
    "queues:write": {
        "NewQueue": "begin create end start_from",
        "PlannerPage": "keep plan_again send",
        "Queues": "begin_renaming delete end_renaming rename restore",
        "VersionsPanel": "become begin_from take_over",
    },
    "reports:read": {
        "Baselines": "choose find load pick_board pick_reason",
        "Deliveries": "again close load pick_connection pick_state tick",
        "Freezing": "compare_with_start",
        "NewReport": "begin create end pick_board pick_kind",
        "ReportFiles": "ask close remove show tick",
        "ReportPage": "delete edit end_editing keep load pick_template",
        "ReportSending": "change close look pick send show tick wait",
        "ReportShares": "close made revoke show",
        "ReportTemplate": (
            "add_text delete insert keep keep_apart load move retitle show take_back take_out tick title_report write"
        ),
        "ReportTemplates": "delete find load pick_kind",
        "Reports": "find load pick_board pick_kind pick_whose",
        "ScheduleEditor": "add begin drop edit end keep pick_board pick_connection pick_does pick_report pick_what pick_when see_at see_cron see_day see_zone",
        "TemplatePreview": "again load pick pick_board",
        "Schedules": "close delete find load pause pick_state resume run_now tick",
    },
    "reports:write": {
        "BaselineRules": "as_all begin end keep pick_board",
        "Baselines": "delete restore",
        "Freezing": "begin end freeze pick_board",
    },
    "public": {
        "Invitation": "load",
        "ProviderButtons": "load",
        "Setup": "load",
        "SignIn": "load",
    },
    "settings:write": {
        "ApiClients": "ask end made",
        "AtlassianForm": "begin choose load switch",
        "BoardForm": "save",
        "BoardPicker": "choose discover",
        "ConnectionEditor": "begin choose edit",
        "ConnectionForm": "choose_kind load submit",
        "Connections": "delete test",
        "FieldPicker": "add choose confirm load mean name_like offer remove",
        "Outgoing": "keep",
        "ProviderForm": "begin choose edit keep name_it",
        "Reconciling": "compare_all compare_now stop_comparing",
        "Runs": "cancel",
        "SignInProviders": "ask keep_policy remove switch",
        "SiteForm": "choose_kind forget save test",
        "SyncWatch": "cancel choose_schedule pause resume start_changes start_full",
        "Webhooks": "retry switch_off",
    },
    "settings:read": {
        "ApiClients": "load",
        "Audit": "ask load",
        "BoardForm": "load pick tick",
        "BoardPicker": "load",
        "ConnectionEditor": "close kept",
        "Connections": "close load",
        "Delivery": "close show",
        "GoneIssues": "load",
        "Outgoing": "load",
        "ProviderForm": "close",
        "Runs": "load tick",
        "SignInProviders": "load",
        "SiteForm": "load",
        "SitePage": "load",
        "Sites": "load",
        "SyncWatch": "load tick",
        "Webhooks": "load pick_event pick_outcome pick_site renewed tick",
    },
    "users:write": {
        "ApiClients": "revoke",
        "PersonalData": "choose erase find let_be load",
        "UserPanel": "add_limited delete erase find_people give_everywhere keep_account link_person set_active show sign_out take_limited take_second_factor",
        "Users": "begin_invitation end_invitation invite",
    },
    "users:read": {
        "UserPanel": "close",
        "Users": "find load pick_role pick_state",
    },
}
RULES = {
    f"{state}.{handler}": permission
    for permission, states in HANDLERS.items()
    for state, handlers in states.items()
    for handler in handlers.split()
}
# Open to visitors as long as there is no admin; afterwards a page of theirs.
AFTERWARDS = {"Setup.load": "settings:write"}
