"""What examples of connections and deliveries show, told by hand as in `example_values.py`."""

from typing import Any

_WIKI: dict[str, Any] = {
    "kind": "confluence",
    "base_url": "https://example.atlassian.net",
    "dialect": "cloud",
    "account": "reports@example.org",
}
_TARGET: dict[str, Any] = {"space": "TEAM", "parent": "98765", "channel": "", "to": [], "files": ["pdf"]}

BODIES: dict[str, Any] = {
    "ConnectionIn": {"name": "Company wiki", "settings": _WIKI, "secret": "ATATT3xFfGF0…"},
    "ConnectionPatch": {"name": "Company wiki", "secret": "ATATT3xFfGF0…"},
    "DeliveryIn": {"connection_id": 4, "target": _TARGET, "report_id": 12},
    "RetryIn": {"choice": "overwrite"},
}

VALUES: dict[str, Any] = {
    "ConnectionOut.settings": _WIKI,
    "ConnectionOut.paused": False,
    "ConnectionOut.paused_until": None,
    "ReportDeliveryOut.target": _TARGET,
    "WholeReportDeliveryOut.target": _TARGET,
    "ReportDeliveryOut.choices": [],
    "WholeReportDeliveryOut.choices": [],
    "ReportDeliveryPreviewOut.choices": [],
    "ReportDeliveryOut.state": "delivered",
    "WholeReportDeliveryOut.state": "delivered",
}
