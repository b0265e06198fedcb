"""Staff's pages about meetings. Each module registers what it is about."""

from meetings.admin import calendar, cells, hours, meeting, notifications, people

__all__ = ["calendar", "cells", "hours", "meeting", "notifications", "people"]
