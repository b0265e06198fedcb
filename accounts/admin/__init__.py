"""The admin of people. Each module registers its own models."""

from accounts.admin import lists, mentors, packages, people

__all__ = ["lists", "mentors", "packages", "people"]
