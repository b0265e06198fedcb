from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.languages import language_choices
from accounts.models import MentorProfile, User
from accounts.photos import BYTES_LIMIT, squares_of
from accounts.text import slug_of, validate_line
from accounts.viewer_locale import ViewerLocale
from accounts.zones import choices_with, is_zone

SKILLS_LIMIT = 20
SKILL_LENGTH_LIMIT = 40


class SignupForm(forms.Form):
    """The sign-up fields besides address and password; the base class of allauth's form."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=(),
        widget=forms.Select(attrs={"data-browser-zone": ""}),
        help_text=_("All times are shown to you in this zone."),
    )
    field_order = ("name", "email", "password1", "timezone")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["timezone"]
        assert isinstance(field, forms.ChoiceField)
        sent = str(self.data.get("timezone", ""))
        field.choices = choices_with(sent)
        field.initial = sent if is_zone(sent) else "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth with the new person, who is stored already."""
        user.name = self.cleaned_data["name"]
        user.timezone = self.cleaned_data["timezone"]
        reader = ViewerLocale.browser(request)
        user.language, user.clock = reader.language, reader.clock
        user.save(update_fields=["name", "timezone", "language", "clock"])


class UserForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """A person's name, and the language, zone and clock of their pages and mails."""

    timezone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All times are shown to you in this zone.")
    )

    class Meta:
        model = User
        fields = ("name", "language", "timezone", "clock")
        labels = {"language": _("Language"), "clock": _("Clock")}
        help_texts = {"language": _("Of these pages and of the mails that you get.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["timezone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices_with(self.instance.timezone)
        if self.instance.is_mentor:
            field.help_text = _(
                "All times are shown to you in this zone. Your weekly hours are clock times in it: "
                "9:00 stays 9:00 in the zone you choose."
            )

    def save(self, commit: bool = True) -> User:
        """Save; for a mentor also update the search text and recompute the next free time later."""
        with transaction.atomic():
            self.instance.save(update_fields=self._meta.fields)
            if self.instance.is_mentor and self.changed_data:
                self.instance.mentor_profile.follow_person()
        return self.instance


class PhotoForm(forms.Form):
    """A new photo of a person; cleaned to `{side: WebP}`."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_(
            "JPEG, PNG or WebP, 5 MB at most; its middle is shown. Everybody who sees your name "
            "sees it too."
        ),
        # It is required, but the only field of a form needs no asterisk.
        required=False,
        error_messages={"empty": _("This file is empty. Please choose a picture.")},
        widget=forms.FileInput(
            attrs={
                "required": True,
                "accept": "image/jpeg,image/png,image/webp",
                "data-photo": "photo-preview",
                "data-limit": BYTES_LIMIT,
                "data-too-large": _("This picture is too large: it may have 5 MB at most."),
                "data-msg-value-missing": _("Please choose a picture."),
            }
        ),
    )

    def clean_photo(self) -> dict[int, bytes]:
        upload = self.cleaned_data["photo"]
        if upload is None:
            raise ValidationError(_("Please choose a picture."), code="required")
        return squares_of(upload, upload.size)


class LanguageForm(forms.Form):
    """The language that somebody changes to."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class SkillsField(forms.CharField):
    """A list of skills, separated by commas or line breaks; duplicates are dropped."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        names: dict[str, str] = {}
        for part in (super().to_python(value) or "").replace("\n", ",").split(","):
            validate_line(part.strip())
            if name := " ".join(part.split()):
                names.setdefault(slug_of(name), name)
        return list(names.values())

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > SKILLS_LIMIT:
            raise ValidationError(
                _("Please name %(most)s skills at most; these are %(count)s."),
                params={"most": SKILLS_LIMIT, "count": len(value)},
            )
        for name in value:
            if len(name) > SKILL_LENGTH_LIMIT:
                raise ValidationError(
                    _("“%(name)s” is too long: a skill has %(most)s characters at most."),
                    params={"name": name, "most": SKILL_LENGTH_LIMIT},
                )
            if not any(sign.isalnum() for sign in name):
                raise ValidationError(_("“%(name)s” is not a skill."), params={"name": name})

    def run_validators(self, value: Any) -> None:
        """Validate the list as it would be typed, since validators expect a text."""
        super().run_validators(self.prepare_value(value))


class MentorForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """A mentor's profile; booking rules and hours are on the availability page."""

    skills = SkillsField(
        label=_("Skills"),
        help_text=_("What you can help with, with commas between: Python, Guitar, Job interviews"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you can meet in"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": _("Choose at least one language.")},
    )
    room_url = forms.URLField(
        label=_("Your own room"),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[
            URLValidator(schemes=["https"], message=_("The address must begin with https://")),
            validate_line,
        ],
        widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}),
    )

    class Meta:
        model = MentorProfile
        fields = ("headline", "bio", "skills", "languages", "room_url", "is_listed")
        labels = {
            "headline": _("Headline"),
            "bio": _("About you"),
            "is_listed": _("Show me in the directory"),
        }
        help_texts = {
            "headline": _("One line that says what you help with."),
            "is_listed": _("Off: nobody can find or book you. Meetings you have stay."),
        }
        widgets = {"bio": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, open_room_host: str, **kwargs: Any) -> None:
        """open_room_host: the host of rooms for mentors without their own."""
        super().__init__(*args, **kwargs)
        languages = self.fields["languages"]
        assert isinstance(languages, forms.MultipleChoiceField)
        mine = set(self.instance.languages)
        # Chosen languages come first, so that they are seen.
        languages.choices = sorted(language_choices(), key=lambda choice: choice[0] not in mine)
        self.fields["room_url"].help_text = _(
            "An https address where you always meet. Learners see it only after booking. "
            "Leave it empty, and each meeting gets a room of its own on %(host)s."
        ) % {"host": open_room_host}

    def save(self, commit: bool = True) -> MentorProfile:
        """Write only this form's columns: the ratings may change meanwhile.

        If a new profile is sent twice, the second request waits for the first, and one is stored.
        """
        fields = None if self.instance._state.adding else list(self._meta.fields or ())
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
            self.instance.save(update_fields=fields)
        return self.instance
