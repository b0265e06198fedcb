"""Staff's pages about meetings. Each module registers what it is about."""

from meetings.admin import cells, hours, meeting, people

__all__ = ["cells", "hours", "meeting", "people"]
