"""Staff's pages about people. Each module registers what it is about."""

from accounts.admin import lists, mentors, packages, people

__all__ = ["lists", "mentors", "packages", "people"]
