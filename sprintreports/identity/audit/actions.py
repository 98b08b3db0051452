"""What is written into the audit log."""

from enum import StrEnum


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Action(StrEnum):
    """`<subject>.<verb>`. A new kind of action gets its name here."""

    SIGN_IN = "session.sign_in"
    SIGN_OUT = "session.sign_out"
    SESSIONS_ENDED = "session.all_ended"
    PERMISSION_REFUSED = "permission.refused"
    USER_CREATED = "user.created"
    USER_INVITED = "user.invited"
    USER_CHANGED = "user.changed"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    USER_DELETED = "user.deleted"
    USER_ERASED = "user.erased"
    USER_EXPORTED = "user.exported"
    ROLE_CHANGED = "user.role_changed"
    GRANTS_CHANGED = "user.grants_changed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  # the name of an action
    PASSWORD_RESET = "password.reset"  # noqa: S105  # the name of an action
    SECOND_FACTOR_CHANGED = "second_factor.changed"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    PROVIDER_CHANGED = "provider.changed"
    TOKEN_ISSUED = "token.issued"  # noqa: S105  # the name of an action
    TOKEN_REUSED = "token.reused"  # noqa: S105  # the name of an action
    TOKEN_REVOKED = "token.revoked"  # noqa: S105  # the name of an action
    CLIENT_CHANGED = "client.changed"
    API_KEY_CREATED = "api_key.created"
    API_KEY_CHANGED = "api_key.changed"
    API_KEY_REVOKED = "api_key.revoked"
    SIGNING_KEY_ROTATED = "signing_key.rotated"
    SECRETS_ROTATED = "secrets.rotated"
    SETTING_CHANGED = "setting.changed"
    SITE_CONNECTED = "site.connected"
    SITE_CHANGED = "site.changed"
    SITE_DELETED = "site.deleted"
    BOARDS_CHOSEN = "board.chosen"
    BOARD_CHANGED = "board.changed"
    MAPPING_CHANGED = "mapping.changed"
    WEBHOOK_CHANGED = "webhook.changed"
    SYNC_REQUESTED = "sync.requested"
    SYNC_CANCELLED = "sync.cancelled"
    JIRA_REPORT_UPLOADED = "jira_report.uploaded"
    TEAM_CHANGED = "team.changed"
    ABSENCE_CHANGED = "absence.changed"
    CAPACITY_CHANGED = "capacity.changed"
    PERSON_CHANGED = "person.changed"
    QUEUE_CREATED = "queue.created"
    QUEUE_CHANGED = "queue.changed"
    QUEUE_LINK_MADE = "queue_link.made"
    QUEUE_LINK_REVOKED = "queue_link.revoked"
    PERSON_ERASED = "person.erased"
    PERSON_EXPORTED = "person.exported"
    EXPORTED = "report.exported"
    BREAK_GLASS = "break_glass.used"
