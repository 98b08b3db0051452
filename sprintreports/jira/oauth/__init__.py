"""OAuth 2.0 with Atlassian: the protocol, and the grants by which a Cloud site is read. Secrets are sealed."""

from sprintreports.jira.oauth.errors import OAuthRefused, ReconnectNeeded
from sprintreports.jira.oauth.grants import GrantTransport, forget, gateway, open_granted, release, store
from sprintreports.jira.oauth.protocol import App, CloudSite, Tokens
from sprintreports.jira.oauth.scopes import SCOPES

__all__ = [
    "SCOPES",
    "App",
    "CloudSite",
    "GrantTransport",
    "OAuthRefused",
    "ReconnectNeeded",
    "Tokens",
    "forget",
    "gateway",
    "open_granted",
    "release",
    "store",
]
