"""Every column in which sealed secrets are stored, with what each is sealed for: what a new key seals anew."""

from sprintreports.identity import key_check
from sprintreports.identity.key_check import bound_to
from sprintreports.kit.sealed import SealedColumn

COLUMNS: tuple[SealedColumn, ...] = (
    *key_check.COLUMNS,
    SealedColumn("site", "secret", bound_to("site")),
    SealedColumn("webhook", "secret", bound_to("webhook"), key=("site_id",)),
    SealedColumn("oauth_grant", "client_secret", bound_to("oauth"), key=("site_id",)),
    SealedColumn("oauth_grant", "access_token", bound_to("oauth"), key=("site_id",)),
    SealedColumn("oauth_grant", "refresh_token", bound_to("oauth"), key=("site_id",)),
    SealedColumn("oauth_request", "client_secret", bound_to("oauth-request")),
    SealedColumn("oauth_request", "verifier", bound_to("oauth-request")),
    SealedColumn("oauth_request", "tokens", bound_to("oauth-request")),
)
