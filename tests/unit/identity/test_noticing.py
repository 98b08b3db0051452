"""Which audit entry tells whom what, and that every kind has its words, its page and a form to be stored in."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.audit.canonical import Entry
from sprintreports.identity.audit.noticing import noticed
from sprintreports.identity.known_devices import network_of
from sprintreports.identity.notices import kinds
from sprintreports.identity.notices.kinds import NEEDS, OPTIONAL, SHAPES, Kind, Parts, PasswordChange, kind_of
from sprintreports.identity.notices.words import NAMES, words
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.ui.links import PATHS

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARTS: tuple[Parts, ...] = (
    kinds.NewDevice("Firefox on Windows", "192.0.2.7"),
    kinds.Password(PasswordChange.BY_LINK),
    kinds.SecondFactor("replaced", by_owner=True),
    kinds.RecoveryCodeUsed(9),
    kinds.SignInName(email=True, username=False),
    kinds.ProviderLink(linked=True, provider="company"),
    kinds.RoleChange((Role.USER, Role.MANAGER), limited=True),
    kinds.ApiKeyMade(7, "Nightly"),
    kinds.ApiKeyEnds(7, "Nightly", AT),
    kinds.SiteUnreadable(3, "Company", "Jira does not answer.", sign_in=False),
    kinds.BoardDiffers(5, "Shop", 2, 40),
    kinds.AuditBroken(12),
    kinds.ConnectionPaused(4, "Company chat", "Slack does not answer.", until_acted=False),
    kinds.DeliveryStopped(9, "Baseline of Sprint 21", "Slack does not take this."),
    kinds.SchedulePaused(3, "Every Monday", "You may not write reports on this board any more."),
    kinds.BaselineBroken(8, "Sprint 21", 5, "Shop"),
)


def entry(
    action: Action, *, actor: int | None = 7, subject: tuple[str, str] = ("user", "7"), before: Any = None,
    after: Any = None, outcome: Outcome = Outcome.DONE,
) -> Entry:  # fmt: skip
    return Entry(1, AT, action, outcome, actor, *subject, before, after, "192.0.2.7", "req_1")


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (entry(Action.PASSWORD_CHANGED, after={"by": "owner"}), kinds.Password(PasswordChange.CHANGED)),
        (
            entry(Action.PASSWORD_CHANGED, after={"by": "password_reset"}),
            kinds.Password(PasswordChange.BY_LINK),
        ),
        (entry(Action.PASSWORD_CHANGED, after={"by": "invitation"}), None),
        (entry(Action.PASSWORD_CHANGED, after={"by": "owner"}, outcome=Outcome.REFUSED), None),
        (entry(Action.PASSWORD_RESET, actor=1, after={}), kinds.Password(PasswordChange.LINK_MADE)),
        (
            entry(Action.SECOND_FACTOR_CHANGED, after={"change": "switched on"}),
            kinds.SecondFactor("switched on", by_owner=True),
        ),
        (
            entry(Action.SECOND_FACTOR_CHANGED, actor=1, after={"change": "switched off"}),
            kinds.SecondFactor("switched off", by_owner=False),
        ),
        (entry(Action.USER_CHANGED, actor=1, after={"fields": ["name", "theme"]}), None),
        (
            entry(Action.USER_CHANGED, actor=1, after={"fields": ["email", "name"]}),
            kinds.SignInName(email=True, username=False),
        ),
        (
            entry(Action.IDENTITY_LINKED, actor=None, after={"provider": "company"}),
            kinds.ProviderLink(linked=True, provider="company"),
        ),
        (entry(Action.IDENTITY_UNLINKED, before={"provider_id": 3}), kinds.ProviderLink(linked=False)),
        (
            entry(Action.ROLE_CHANGED, actor=1, before={"role": "viewer"}, after={"role": "manager"}),
            kinds.RoleChange((Role.MANAGER,), limited=False),
        ),
        (
            entry(
                Action.GRANTS_CHANGED,
                actor=1,
                before={"role": "manager", "grants": []},
                after={"role": None, "grants": [{"role": "manager", "boards": [3], "teams": None}]},
            ),
            kinds.RoleChange((Role.MANAGER,), limited=True),
        ),
        (
            entry(Action.GRANTS_CHANGED, actor=None, before={}, after={"group:company:leads": "manager"}),
            kinds.RoleChange((Role.MANAGER,), limited=False, by_groups=True),
        ),
        (entry(Action.SIGN_OUT), None),
        (entry(Action.SITE_CHANGED, subject=("site", "7")), None),
        (entry(Action.PASSWORD_CHANGED, subject=("sign-in", "nobody"), after={"by": "owner"}), None),
    ],
)
def test_an_entry_tells_whom_it_concerns(said: Entry, parts: Parts | None) -> None:
    found = noticed(said)
    assert (None if found is None else (found.user_id, found.parts)) == (
        None if parts is None else (7, parts)
    )


def test_a_new_key_is_told_to_who_made_it() -> None:
    said = entry(Action.API_KEY_CREATED, actor=9, subject=("api_key", "4"), after={"name": "Nightly"})
    found = noticed(said)
    assert found is not None
    assert (found.user_id, found.parts) == (9, kinds.ApiKeyMade(4, "Nightly"))


def test_every_kind_has_a_shape_a_name_and_a_sample_here() -> None:
    assert set(SHAPES) == set(NAMES) == set(Kind) == {kind_of(parts) for parts in PARTS}
    assert OPTIONAL | set(NEEDS) < set(Kind)


@pytest.mark.parametrize("parts", PARTS, ids=kind_of)
def test_what_is_stored_is_read_again_and_said_in_whole_sentences(parts: Parts) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(parts)))
    assert msgspec.convert(stored, SHAPES[kind_of(parts)]) == parts
    said = words(parts)
    assert said.title and not said.title.endswith(".")  # noqa: PT018
    assert said.text.endswith(".")
    assert urlsplit(said.page).path in PATHS
    assert said.action


@pytest.mark.parametrize("change", ["switched on", "replaced", "switched off", "recovery codes renewed"])
def test_each_change_of_a_second_factor_has_its_own_title(change: str) -> None:
    assert words(kinds.SecondFactor(change, by_owner=True)).title.endswith(change.rpartition(" ")[2])


def test_what_is_for_admins_concerns_nobody_else() -> None:
    def concerned(role: Role) -> set[Kind]:
        return set(kinds.kinds_for(Viewer(1, "A", "a@x.test", role)))

    assert set(Kind) - concerned(Role.MANAGER) == {
        kind for kind, needed in NEEDS.items() if needed is Permission.SETTINGS_WRITE
    }
    assert concerned(Role.ADMIN) == set(Kind)


def test_an_address_belongs_to_a_network() -> None:
    assert network_of("203.0.113.9") == "203.0.0.0/16"
    assert network_of("2001:db8:1::9") == "2001:db8::/32"
    assert network_of("") == network_of("testclient") == ""
