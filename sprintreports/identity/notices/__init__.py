"""What people are told in the app: made in the transaction of what it tells about, read by one person, kept for 90 days.

`kinds.py` lists what there is; `raising.tell` makes a notice, for one person or for all who hold a permission.
"""

from sprintreports.identity.notices.kinds import Channel, Kind
from sprintreports.identity.notices.raising import tell

__all__ = ["Channel", "Kind", "tell"]
