from accounts.models.connection import CalendarConnection
from accounts.models.mentor import MentorProfile, MentorTag
from accounts.models.tokens import TokenFamily
from accounts.models.user import User

__all__ = ["CalendarConnection", "MentorProfile", "MentorTag", "TokenFamily", "User"]
