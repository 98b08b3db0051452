"""A notice in words: what happened, what to do about it, and the page where one does it."""

from dataclasses import dataclass

from sprintreports.identity.notices import kinds
from sprintreports.identity.notices.kinds import Kind, Parts, PasswordChange

_SECURITY, _KEYS = "/profile?tab=security", "/profile?tab=keys"
_NOT_YOU = "If this was not you, change your password and tell an admin."

# How the choices name each kind.
NAMES: dict[Kind, str] = {
    Kind.NEW_DEVICE: "A sign-in from a device or a network that you had not used before",
    Kind.PASSWORD: "Your password was changed, or a link for a new one was made",
    Kind.SECOND_FACTOR: "Your second factor was switched on, replaced or switched off",
    Kind.RECOVERY_CODE_USED: "One of your recovery codes was used",
    Kind.SIGN_IN_NAME: "Your e-mail address or user name was changed",
    Kind.PROVIDER_LINK: "Another way in was linked to your account, or taken from it",
    Kind.ROLE: "Your role, or the boards and teams that it holds for, changed",
    Kind.API_KEY_MADE: "An API key of yours was made",
    Kind.API_KEY_ENDS: "An API key of yours ends within seven days",
    Kind.SITE_UNREADABLE: "A Jira site cannot be read",
    Kind.BOARD_DIFFERS: "Our numbers differ from Jira's own sprint reports",
    Kind.AUDIT_BROKEN: "The audit log has lost entries",
    Kind.CONNECTION_PAUSED: "A service that reports are sent to is left alone",
    Kind.DELIVERY_STOPPED: "A report that you sent has not arrived",
    Kind.SCHEDULE_PAUSED: "A schedule of yours was paused because it could not go on",
    Kind.BASELINE_BROKEN: "A baseline is not what was frozen",
}


@dataclass(frozen=True, slots=True)
class Words:
    """`page`: a path within the app; `action`: what its link says."""

    title: str
    text: str
    page: str
    action: str


def words(parts: Parts) -> Words:
    """The notice in words."""
    match parts:
        case kinds.NewDevice():
            return _new_device(parts)
        case kinds.Password(change):
            return _password(change)
        case kinds.SecondFactor(change, by_owner):
            return _second_factor(change, by_owner=by_owner)
        case kinds.RecoveryCodeUsed(left):
            said = f"{left} of your recovery codes {'is' if left == 1 else 'are'} left. {_NOT_YOU}"
            return Words("A recovery code was used", said, _SECURITY, "See your second factor")
        case kinds.SignInName() | kinds.ProviderLink() | kinds.RoleChange():
            return _account(parts)
        case kinds.ApiKeyMade() | kinds.ApiKeyEnds():
            return _key(parts)
        case kinds.SiteUnreadable() | kinds.BoardDiffers() | kinds.AuditBroken() | kinds.BaselineBroken():
            return _system(parts)
        case kinds.ConnectionPaused() | kinds.DeliveryStopped():
            return _publishing(parts)
        case kinds.SchedulePaused(schedule_id, name, reason):
            said = f"{reason} Set it right and resume it."
            page = f"/schedules?schedule={schedule_id}"
            return Words(f"The schedule “{name}” is paused", said, page, "See the schedule")


def _new_device(parts: kinds.NewDevice) -> Words:
    where = f" at {parts.address}" if parts.address else ""
    said = f"{parts.device}{where}. If this was not you, end that session and change your password."
    return Words("Signed in from a new device", said, _SECURITY, "See where you are signed in")


def _account(parts: kinds.SignInName | kinds.ProviderLink | kinds.RoleChange) -> Words:
    match parts:
        case kinds.SignInName(email, username):
            both = email and username
            what = "e-mail address and user name" if both else "e-mail address" if email else "user name"
            said = "An admin did this. Use the new one when you sign in, and ask an admin if you did not expect it."
            return Words(
                f"Your {what} {'were' if both else 'was'} changed", said, "/profile", "See your profile"
            )
        case kinds.ProviderLink(linked, provider):
            named = f"“{provider}”" if provider else "that provider"
            title = (
                "A way in was linked to your account" if linked else "A way in was taken from your account"
            )
            said = (
                f"You can sign in with {named} now."
                if linked
                else f"You cannot sign in with {named} any more."
            )
            return Words(title, f"{said} {_NOT_YOU}", _SECURITY, "See how you sign in")
        case kinds.RoleChange():
            return _role(parts)


def _key(parts: kinds.ApiKeyMade | kinds.ApiKeyEnds) -> Words:
    if isinstance(parts, kinds.ApiKeyMade):
        title = "An API key was made"
        said = f"“{parts.name}” acts for you until it ends. If you did not make it, revoke it and change your password."
    else:
        title, until = "An API key ends soon", f"{parts.expires_at:%Y-%m-%d %H:%M} UTC"
        said = f"“{parts.name}” is good until {until}. Make a new one where a program still needs it."
    return Words(title, said, _KEYS, "See your API keys")


def _system(
    parts: kinds.SiteUnreadable | kinds.BoardDiffers | kinds.AuditBroken | kinds.BaselineBroken,
) -> Words:
    match parts:
        case kinds.SiteUnreadable(site_id, site, reason, sign_in):
            then = "It is not asked again until you act." if sign_in else "It is tried again by itself."
            return Words(
                f"{site} cannot be read", f"{reason} {then}", f"/site?site={site_id}", "See the site"
            )
        case kinds.BoardDiffers(board_id, board, differing, compared):
            title = f"{board}: {differing} of {compared} compared sprints differ from Jira's reports"
            said = "The comparison names the issues, and the reasons where it knows them."
            return Words(title, said, f"/reconciliation?board={board_id}", "See the comparison")
        case kinds.AuditBroken(noted):
            said = (
                f"It no longer holds what was sealed up to position {noted}. Run “sprintreports audit verify” on the "
                "server: it names what was changed or removed."
            )
            return Words("The audit log has lost entries", said, "/audit", "See the audit log")
        case kinds.BaselineBroken(baseline_id, sprint, board_id, board):
            said = (
                f"What is stored of baseline {baseline_id} (board {board}) does not fit its hash any more, so it is not shown. Restore "
                "it from a backup of the database, and find out who changed it."
            )
            title = f"A baseline of {sprint} is not what was frozen"
            return Words(title, said, f"/baselines?of_board={board_id}", "See the baselines")


def _publishing(parts: kinds.ConnectionPaused | kinds.DeliveryStopped) -> Words:
    if isinstance(parts, kinds.ConnectionPaused):
        then = "Change or test the connection." if parts.until_acted else "It is tried again by itself."
        page = f"/connections?connection={parts.connection_id}"
        return Words(f"“{parts.connection}” is paused", f"{parts.reason} {then}", page, "See the connection")
    title = f"“{parts.title}” has not arrived" if parts.title else "A report has not arrived"
    return Words(title, parts.reason, f"/deliveries?delivery={parts.delivery_id}", "See the delivery")


def _password(change: PasswordChange) -> Words:
    title = "Your password was changed"
    match change:
        case PasswordChange.CHANGED:
            said = f"All your sessions, tokens and API keys ended with it. {_NOT_YOU}"
        case PasswordChange.BY_LINK:
            said = f"It was set with a one-time link. {_NOT_YOU}"
        case PasswordChange.LINK_MADE:
            title = "A link for a new password was made"
            said = "An admin made it for your account. If you did not ask for one, talk to your admin."
    return Words(title, said, _SECURITY, "See how you sign in")


def _second_factor(change: str, *, by_owner: bool) -> Words:
    title = {
        "switched on": "Your second factor was switched on",
        "replaced": "Your second factor was replaced",
        "switched off": "Your second factor was switched off",
    }.get(change, "Your recovery codes were renewed")
    said = (
        _NOT_YOU if by_owner else "An admin did this. Set it up again, and ask them if you did not expect it."
    )
    return Words(title, said, _SECURITY, "See your second factor")


def _role(parts: kinds.RoleChange) -> Words:
    held = ", ".join(dict.fromkeys(role.label for role in parts.roles))
    limits = " Limits to boards or teams hold for it." if parts.limited else ""
    if parts.by_groups:
        said = f"The groups of your company's sign-in now give you: {held or 'no role'}."
    else:
        said = f"You are now: {held}.{limits}" if held else "You hold no role at the moment."
    return Words(
        "Your role was changed",
        f"{said} Ask an admin if you did not expect it.",
        "/profile",
        "See your profile",
    )
