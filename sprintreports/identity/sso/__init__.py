"""Signing in through an identity provider: OpenID Connect, OAuth 2.0 and SAML 2.0."""
