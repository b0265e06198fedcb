"""Staff's pages about people. Each module registers what it is about."""

from accounts.admin import mentors, packages, people

__all__ = ["mentors", "packages", "people"]
