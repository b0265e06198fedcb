from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.text import validate_line
from accounts.zones import choices_with, is_zone


class SignupForm(forms.Form):
    """What sign-up asks for besides address and password; allauth builds its form upon it."""

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
        user.save(update_fields=["name", "timezone"])
