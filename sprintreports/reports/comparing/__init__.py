"""What changed from one snapshot to another. Pure."""

from sprintreports.reports.comparing.compare import compare
from sprintreports.reports.comparing.sentences import movements
from sprintreports.reports.comparing.values import Comparison

__all__ = ["Comparison", "compare", "movements"]
