"""A site with at least one row of every exported model."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import CalendarConnection, TokenFamily, User
from meetings.booking import lifecycle
from meetings.models import (
    DayOff,
    ExternalBusy,
    ExtraHours,
    Meeting,
    PrivateNote,
    RequestKey,
    RestoredCopy,
)
from tests.factories import MeetingFactory, MentorFactory, UserFactory, completed_meeting, soon


def fill() -> None:
    """Fill the default database."""
    now = timezone.now()
    profile = MentorFactory(
        user__name="Zoë Grüezi, 東京 🦉", skills=["Rust", "Go"], languages=["de", "en"]
    )
    mentor, learner = profile.user, UserFactory(email="learner@example.com")
    _add_hours(mentor)
    meeting = MeetingFactory(
        mentor=mentor, learner=learner, scheduled_at=soon(now, 3_000), subject="“Quotes” & \\ \n"
    )
    completed_meeting(
        mentor, learner, start=soon(now, 6_000), rating=5, feedback="Grand", notes="a\tb\u2028c"
    )
    off = MeetingFactory(mentor=mentor, learner=learner, scheduled_at=soon(now, 9_000))
    lifecycle.cancel(off, by=learner, reason="Ill")
    PrivateNote.objects.create(meeting=meeting, author=learner, text="For me alone")
    _connect(mentor)
    ExternalBusy.objects.create(person=mentor, starts_at=now, ends_at=now + timedelta(hours=1))
    RequestKey.objects.create(
        person=learner, key="k", fingerprint="f" * 64, created_at=now, lease=now, answer="{}"
    )
    TokenFamily.objects.create(
        session_key="s" * 32, person=learner, current="j" * 36, expires_at=now + timedelta(days=1)
    )
    _add_accounts(mentor, learner)
    _add_staff(meeting)
    RestoredCopy.objects.create(copied_at=now, settled_at=now)


def _add_hours(mentor: User) -> None:
    DayOff.objects.create(mentor=mentor, first_day=date(2027, 3, 1), last_day=date(2027, 3, 9))
    ExtraHours.objects.create(mentor=mentor, day=date(2027, 3, 2), starts=600, ends=660)


def _connect(mentor: User) -> None:
    connection = CalendarConnection(
        user=mentor,
        google_id="g-1",
        google_email="z@gmail.example.com",
        connected_at=timezone.now(),
    )
    connection.refresh_token = "1//secret"
    connection.save()


def _add_accounts(mentor: User, learner: User) -> None:
    """Add accounts, with gaps in the generated integer keys."""
    for person in (mentor, learner):
        EmailAddress.objects.create(user=person, email=f"gone-{person.email}")
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    EmailAddress.objects.filter(email__startswith="gone-").delete()
    for address in EmailAddress.objects.order_by("-pk"):
        EmailConfirmation.objects.create(email_address=address, key=f"key-{address.email}"[:64])
    app = SocialApp.objects.create(provider="google", name="Google", client_id="c")
    account = SocialAccount.objects.create(
        user=mentor, provider="google", uid="g-1", extra_data={"z": 1, "a": {"ü": [None, 1.5]}}
    )
    SocialToken.objects.create(app=app, account=account, token="t")
    Authenticator.objects.create(
        user=mentor, type=Authenticator.Type.TOTP, data={"secret": "encrypted"}
    )


def _add_staff(meeting: Meeting) -> None:
    staff = UserFactory(is_staff=True)
    Group.objects.create(name="nobody").delete()
    group = Group.objects.create(name="helpers")
    group.permissions.set(Permission.objects.filter(codename__contains="meeting"))
    staff.groups.add(group)
    staff.user_permissions.add(Permission.objects.get(codename="view_notification"))
    address = EmailAddress.objects.latest("pk")
    for model, key in [
        (Meeting, str(meeting.pk)),
        (EmailAddress, str(address.pk)),
        (EmailAddress, "1"),
        (None, None),
    ]:
        LogEntry.objects.create(
            user=staff,
            content_type=ContentType.objects.get_for_model(model) if model else None,
            object_id=key,
            object_repr="What was changed",
            action_flag=CHANGE,
            change_message="[]",
        )
