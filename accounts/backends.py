from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class AccountBackend(AuthenticationBackend):
    """Log-in as django-allauth does it; who is logged in comes with the mentor profile, which
    every page needs to know of, in one query."""

    def get_user(self, user_id: object) -> User | None:
        user = User.objects.select_related("mentor_profile").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
