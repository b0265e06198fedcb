from accounts.models.mentor import MentorProfile, MentorTag
from accounts.models.user import User

__all__ = ["MentorProfile", "MentorTag", "User"]
