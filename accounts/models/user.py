import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.clocks import Clock
from accounts.photo_files import PhotoUrls, delete_photo, store_photo
from accounts.text import validate_line
from accounts.zones import validate_zone, zone_or_utc


class UserQuerySet(models.QuerySet["User"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the people and, after the commit, their photos."""
        with transaction.atomic():
            for photo in self.exclude(photo="").order_by().values_list("photo", flat=True):
                transaction.on_commit(partial(delete_photo, photo))
            return super().delete()


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password they can only log in by other means."""
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

    The address is stored in lower case, so that uniqueness ignores case on every database.
    """

    class MailChoice(models.TextChoices):
        """The mails that a person can turn off; all others are always sent."""

        REMINDERS = "reminders", _("reminders before a meeting")
        BELL = "bell", _("other news that the bell shows too")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100, validators=[validate_line])
    timezone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_zone]
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    clock = models.CharField(
        _("clock"), max_length=2, choices=Clock.choices, default=Clock.HOURS_24
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Off: the person is logged out at once, not listed and cannot come back."),
    )
    is_staff = models.BooleanField(_("staff"), default=False)
    wants_reminders = models.BooleanField(_("reminders by mail"), default=True)
    wants_bell_mails = models.BooleanField(_("the bell's other news by mail"), default=True)
    # The name of the photo's files; each new photo gets a new name.
    photo = models.CharField(
        _("photo"), max_length=32, blank=True, default="", editable=False, db_index=True
    )
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

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the person and, after the commit, the photo."""
        with transaction.atomic():
            if self.photo:
                transaction.on_commit(partial(delete_photo, self.photo))
            return super().delete(*args, **kwargs)

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
        """One or two letters, shown in place of a photo."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"

    @property
    def photo_urls(self) -> PhotoUrls | None:
        """The photo's URLs; None without a photo or if the person is deactivated."""
        return PhotoUrls.of(self.photo) if self.photo and self.is_active else None

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

    def set_photo(self, squares: Mapping[int, bytes]) -> None:
        """Replace the photo by `{side: WebP}`; the old one is deleted after the commit."""
        name = store_photo(squares)
        with ExitStack() as undo:
            undo.callback(delete_photo, name)
            self._change_photo(name)
            undo.pop_all()

    def remove_photo(self) -> None:
        """Remove the photo, if there is one."""
        self._change_photo("")

    def set_language(self, language: str) -> None:
        """Change the language of pages and mails."""
        self.language = language
        self.save(update_fields=["language"])

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.short_name

    def _change_photo(self, name: str) -> None:
        with transaction.atomic():
            # A concurrent change waits for this lock, and then deletes this change's files.
            before = User.objects.select_for_update(no_key=True).get(pk=self.pk).photo
            self.photo = name
            self.save(update_fields=["photo"])
            if before:
                transaction.on_commit(partial(delete_photo, before))


MAIL_FIELDS: dict[str, str] = {
    User.MailChoice.REMINDERS: "wants_reminders",
    User.MailChoice.BELL: "wants_bell_mails",
}
