"""Property tests judge arithmetic, never the speed of the machine that runs them."""

from hypothesis import HealthCheck, settings

settings.register_profile("arithmetic", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("arithmetic")
