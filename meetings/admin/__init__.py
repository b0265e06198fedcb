"""Admin pages about meetings. Each module registers the models of its subject."""

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
