"""Staff's pages about meetings. Each module registers what it is about."""

from meetings.admin import calendar, cells, history, hours, meeting, notifications, people, rules

__all__ = [
    "calendar",
    "cells",
    "history",
    "hours",
    "meeting",
    "notifications",
    "people",
    "rules",
]
