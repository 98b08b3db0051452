"""From what is stored to a `Snapshot`: a sprint as it is now, or as it was at a past moment."""

from sprintreports.reports.gathering.snapshots import as_of, checked_moment, live, place_of

__all__ = ["as_of", "checked_moment", "live", "place_of"]
