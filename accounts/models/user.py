import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_line
from accounts.zones import validate_zone, zone_or_utc


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can log in; without a password, only by other means."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person: learner and, with a MentorProfile, mentor.

    The address is kept in lower case, so that it is unique whatever its case on every database.
    """

    class MailChoice(models.TextChoices):
        """The mails that a person can do without; the others always go."""

        REMINDERS = "reminders", _("reminders before a meeting")
        BELL = "bell", _("other news that the bell shows too")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100, validators=[validate_line])
    timezone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_zone]
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Off: the person is logged out at once, not listed and cannot come back."),
    )
    is_staff = models.BooleanField(_("staff"), default=False)
    wants_reminders = models.BooleanField(_("reminders by mail"), default=True)
    wants_bell_mails = models.BooleanField(_("the bell's other news by mail"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that this person sees times in."""
        return zone_or_utc(self.timezone)

    @property
    def short_name(self) -> str:
        """What to call the person: the first word of the name."""
        return self.name.split(" ", 1)[0]

    @property
    def initials(self) -> str:
        """One or two letters that stand for a picture."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"

    @cached_property
    def is_mentor(self) -> bool:
        """Whether the person has a mentor profile, listed or not."""
        return hasattr(self, "mentor_profile")

    def wants_mail(self, choice: str) -> bool:
        """Whether the person wants mails of that MailChoice."""
        return bool(getattr(self, MAIL_FIELDS[choice]))

    def choose_mails(self, choices: dict[str, bool]) -> None:
        """Change which mails the person wants: `{MailChoice: bool}`, others stay."""
        for choice, is_wanted in choices.items():
            setattr(self, MAIL_FIELDS[choice], is_wanted)
        self.save(update_fields=[MAIL_FIELDS[choice] for choice in choices])

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.short_name


MAIL_FIELDS: dict[str, str] = {
    User.MailChoice.REMINDERS: "wants_reminders",
    User.MailChoice.BELL: "wants_bell_mails",
}
