import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.text import validate_line, validate_text
from meetings.booking.book import book
from meetings.domain.policy import SUBJECT_LIMIT, TEXT_LIMIT
from meetings.models import Meeting

# Far enough from datetime's limits that no zone conversion or search around a time exceeds them.
YEARS = range(1971, 9000)


def sent_start(values: Mapping[str, Any]) -> str:
    """The start in values: one that was offered instead of a taken slot, else the chosen one."""
    return str(values.get("instead") or values.get("start") or "").strip()


def parse_start(text: str) -> datetime:
    """An ISO 8601 date-time as an instant in UTC.

    Raises ValidationError for any other text, and for one without an offset: because of DST
    changes, a local time can be two instants or none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(
            _("That is not a time. Please pick one of those below."), code="invalid"
        ) from error
    if moment.utcoffset() is None:
        raise ValidationError(
            _("That time lacks its offset from UTC. Please pick one of those below."), code="naive"
        )
    if moment.year not in YEARS:
        raise ValidationError(_("That time is out of reach."), code="invalid")
    return moment.astimezone(UTC)


class StartInput(forms.HiddenInput):
    """The radio buttons of the picker, or one of the buttons that offer another time."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        return sent_start(data)


class StartField(forms.Field):
    """When to meet, as an instant in UTC."""

    widget = StartInput
    default_error_messages = {"required": _("Please pick a time.")}

    def to_python(self, value: Any) -> datetime | None:
        return parse_start(value) if value else None


class PickForm(forms.Form):
    """When to meet."""

    start = StartField()

    @property
    def refusals(self) -> list[str]:
        """The errors that are not shown beside a field."""
        unseen = [name for name, field in self.fields.items() if field.widget.is_hidden]
        names = [NON_FIELD_ERRORS, *(name for name in unseen if name != "start")]
        return [str(error) for name in names for error in self.errors.get(name, ())]


class BookingForm(PickForm):
    """What a learner fills in to book. form_key: the form's id; sent twice, it books once."""

    duration = forms.IntegerField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Please choose how long you want to meet."),
            "invalid": _("Please choose how long you want to meet."),
        },
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=SUBJECT_LIMIT,
        validators=[validate_line],
        error_messages={"required": _("Please say what the session is about.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "placeholder": _("What do you want to talk about?"),
                "data-msg-value-missing": _("Please say what the session is about."),
            }
        ),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=TEXT_LIMIT,
        validators=[validate_text],
        help_text=_("Optional. What you know already, what you hope for, links to look at."),
        widget=forms.Textarea(attrs={"rows": 4, "data-counter": _("%s characters left")}),
    )
    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("This form is incomplete. Please send it again."),
            "invalid": _("This form is incomplete. Please send it again."),
        },
    )

    @cached_property
    def key(self) -> uuid.UUID:
        """The key to send with the form: the one it came with, else a new one."""
        if self.is_bound and "form_key" not in self.errors:
            sent: uuid.UUID = self.cleaned_data["form_key"]
            return sent
        return uuid.uuid4()

    def book(self, *, mentor_id: uuid.UUID, learner: User) -> Meeting:
        """Book a meeting from the valid form. Raises as meetings.booking.book.book() does."""
        return book(mentor_id=mentor_id, learner=learner, **self.cleaned_data)
