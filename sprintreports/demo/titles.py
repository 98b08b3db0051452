"""Titles of issues that read like the work of a company: a verb, a thing and a place for each discipline."""

import random

from sprintreports.demo.catalog import BUG, IssueType

_WORK: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Backend": (
        ("Add", "Extend", "Rework", "Cache", "Paginate"),
        ("the price calculation", "the order endpoint", "the refund flow", "the search index", "the address check",
         "webhook retries", "the voucher rules", "the tax table import"),
    ),
    "Frontend": (
        ("Build", "Restyle", "Simplify", "Lazy-load", "Translate"),
        ("the basket page", "the address form", "the order history", "the filter panel", "the login dialog",
         "the settings page", "the image gallery", "the error page"),
    ),
    "iOS": (
        ("Support", "Migrate", "Polish", "Add"),
        ("dark mode in the order list", "Face ID at sign-in", "push notifications", "offline receipts",
         "the widget for open orders", "deep links from e-mail"),
    ),
    "Android": (
        ("Support", "Migrate", "Polish", "Add"),
        ("the back gesture in checkout", "biometric sign-in", "notification channels", "the tablet layout",
         "the barcode scanner", "background refresh of prices"),
    ),
    "Quality Assurance": (
        ("Automate", "Extend", "Stabilise", "Document"),
        ("the regression suite for checkout", "the smoke tests after deploy", "contract tests with partners",
         "test data for refunds", "the load test of search", "exploratory tests of sign-up"),
    ),
    "DevOps": (
        ("Upgrade", "Move", "Monitor", "Automate"),
        ("the build runners", "the staging cluster", "certificate renewal", "nightly backups", "log retention",
         "the deployment pipeline", "database failover"),
    ),
    "Data Engineering": (
        ("Model", "Backfill", "Deduplicate", "Partition"),
        ("order events", "customer history", "the inventory feed", "clickstream sessions", "the currency table",
         "returns by region", "the supplier catalogue"),
    ),
    "UX Design": (
        ("Design", "Prototype", "Test with users", "Refine"),
        ("the guest checkout", "the empty states", "the onboarding tour", "the product comparison",
         "the returns wizard", "the notification centre"),
    ),
    "Security": (
        ("Rotate", "Harden", "Review", "Audit"),
        ("service credentials", "session handling", "the admin permissions", "file uploads", "third-party scripts",
         "password reset", "the payment callback"),
    ),
    "Platform": (
        ("Extract", "Version", "Introduce", "Retire"),
        ("the shared authentication library", "the event schema registry", "feature flags", "the legacy gateway",
         "the job scheduler", "the configuration service"),
    ),
    "Analytics": (
        ("Track", "Visualise", "Explain", "Forecast"),
        ("conversion by channel", "basket abandonment", "delivery delays", "repeat purchases", "campaign revenue",
         "support contacts per order"),
    ),
    "Technical Writing": (
        ("Write", "Update", "Illustrate", "Review"),
        ("the partner integration guide", "the release notes", "the returns help page", "the API reference",
         "the incident handbook", "the onboarding checklist"),
    ),
}  # fmt: skip

_AUDIENCES: tuple[str, ...] = (
    "for business customers", "for the Nordic market", "for guest users", "for the support desk", "for resellers",
    "for the summer campaign", "for the new warehouse", "in the partner portal", "in three languages",
    "before the audit", "for screen readers", "on slow connections",
)  # fmt: skip

_FAULTS: tuple[str, ...] = (
    "wrong currency", "timeout", "selected language is lost", "empty page", "orders counted twice",
    "time zone ignored", "text cut off on small screens", "valid postcodes rejected", "two e-mails sent",
    "sort order forgotten", "discount rounded wrongly",
)  # fmt: skip

_CONDITIONS: tuple[str, ...] = (
    "after a refund", "when the session expires", "for names with accents", "on the last day of the month",
    "with more than 50 items", "when two tabs are open", "after the nightly import", "during a deployment",
)  # fmt: skip

_EPICS: tuple[str, ...] = (
    "Faster checkout", "One account everywhere", "Returns without paper", "Reliable nightly runs",
    "Accessible by default", "Audit readiness", "Partner self-service", "Prices in real time",
    "Fewer support calls", "Cost of infrastructure", "Insights for merchants", "Smooth onboarding",
)  # fmt: skip

_CHORES: tuple[str, ...] = (
    "Write the code", "Cover it with tests", "Update the documentation", "Review with the stakeholder",
    "Prepare the migration", "Agree on the wording", "Check performance", "Roll out behind a flag",
)  # fmt: skip


def title(kind: IssueType, discipline: str | None, rng: random.Random) -> str:
    """One sentence-like summary; a bug says what goes wrong and when."""
    verbs, things = _WORK[discipline or "Backend"]
    thing = rng.choice(things)
    if kind is BUG:
        subject = thing[0].upper() + thing[1:]
        return f"{subject}: {rng.choice(_FAULTS)} {rng.choice(_CONDITIONS)}"
    return f"{rng.choice(verbs)} {thing} {rng.choice(_AUDIENCES)}"


def epic_title(index: int) -> str:
    round_number, position = divmod(index, len(_EPICS))
    return _EPICS[position] if round_number == 0 else f"{_EPICS[position]}, phase {round_number + 1}"


def chore(rng: random.Random) -> str:
    return rng.choice(_CHORES)


def description(rng: random.Random) -> str:
    return f"{rng.choice(_WISHES)} {rng.choice(_REASONS)}"


_WISHES: tuple[str, ...] = (
    "Customers asked for this in the last survey.", "Agreed in the review with the stakeholder.",
    "Follow the pattern that we used in the last release.", "Start with the smallest step that helps.",
    "See the notes of the workshop.", "The old way stays available for a month.",
)  # fmt: skip
_REASONS: tuple[str, ...] = (
    "It saves the support desk about ten calls a week.", "The audit in spring depends on it.",
    "Two partners wait for it.", "Without it the campaign cannot start.", "It is a step towards the new platform.",
    "Measure before and after.",
)  # fmt: skip
