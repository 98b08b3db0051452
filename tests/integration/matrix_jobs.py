"""Which door starts which job, written by hand: what the code leads to is compared with it.

Who may use a door says the table of routes (EXPECTED) or of handlers (RULES). The command line has no roles: whoever
may run it on the server holds the database anyway. Jira's own deliveries come with the site's secret.
"""

BY_REST = {
    "PATCH /api/v1/sites/{site_id}": "jira.sync",  # resumes what was paused
    "POST /api/v1/sites/{site_id}/sync": "jira.sync",
    "PUT /api/v1/sites/{site_id}/mapping": "jira.sync",  # reads anew what is stored
    "PATCH /api/v1/boards/{board_id}": "jira.board jira.facts",  # counts the board anew
    "POST /api/v1/boards/{board_id}/reconciliation": "jira.reconcile",
    "PUT /api/v1/sites/{site_id}/oauth/webhook": "jira.dynamic_webhooks",
    "DELETE /api/v1/sites/{site_id}/oauth/webhook": "jira.dynamic_webhooks",
    "POST /api/v1/sites/{site_id}/webhook-deliveries/{delivery_id}/retry": "jira.webhooks",
    "POST /api/v1/privacy/people/{person_id}/erasure": "jira.scrub",
    "POST /api/v1/exports": "reports.export",
    "POST /api/v1/schedules/{schedule_id}/runs": "reports.schedule",
    "POST /api/v1/deliveries": "reports.deliver",
    "POST /api/v1/deliveries/{report_delivery_id}/retries": "reports.deliver",
    "PATCH /api/v1/connections/{connection_id}": "reports.deliver",  # what waited for it is tried again
    "POST /api/v1/connections/{connection_id}/tests": "reports.deliver",  # the same, where it answers
}
BY_JIRA = {
    "POST /api/v1/webhooks/jira/{site_id}": "jira.webhooks",
    "POST /api/v1/webhooks/jira/{site_id}/{token}": "jira.webhooks",
}
BY_PAGE = {
    "SyncWatch.start_full": "jira.sync",
    "SyncWatch.start_changes": "jira.sync",
    "SyncWatch.resume": "jira.sync",
    "FieldPicker.confirm": "jira.sync",
    "BoardForm.save": "jira.board jira.facts",
    "Reconciling.compare_all": "jira.reconcile",
    "AtlassianForm.switch": "jira.dynamic_webhooks",
    "Webhooks.retry": "jira.webhooks",
    "PersonalData.erase": "jira.scrub",
    "ReportSending.send": "reports.deliver",
    "ReportFiles.ask": "reports.export",
    "Deliveries.again": "reports.deliver",
    "Schedules.run_now": "reports.schedule",
    "Connections.test": "reports.deliver",
}
BY_COMMAND = {"up": "jira.sync", "privacy_erase": "jira.scrub"}
# What background work leads to; the worker does all of it.
BY_JOBS = {
    "chores.once": "jira.dynamic_webhooks jira.sync jira.webhooks",
    "reconciling.reconcile": "jira.reconcile",
    "recounting.recount": "jira.board jira.facts",
    "registering.settle": "jira.sync",
    "chores.run_schedules": "reports.schedule",
    "chores.resume_deliveries": "reports.deliver",
    "scheduling.run": "reports.deliver",
    "delivering.send": "reports.deliver",
    "registration._register_reports": "reports.deliver",
    "webhooking.work_on": "jira.sync jira.webhooks",
}
