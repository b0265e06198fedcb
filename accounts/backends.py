from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class AccountBackend(AuthenticationBackend):
    """django-allauth's log-in, with the profile and calendar connection loaded in one query."""

    def get_user(self, user_id: Any) -> User | None:
        people = User.objects.filter(pk=user_id)
        user = people.select_related("mentor_profile", "calendar_connection").first()
        return user if user is not None and self.user_can_authenticate(user) else None
