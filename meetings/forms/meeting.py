"""What participants write about their meeting: shapes only; the rules are in meetings.booking."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_text
from meetings.domain.policy import RATINGS, REASON_LIMIT, TEXT_LIMIT

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _text_field(
    label: "StrOrPromise", *, limit: int = TEXT_LIMIT, rows: int = 3, help_text: "StrOrPromise" = ""
) -> forms.CharField:
    attrs = {"rows": rows, "data-counter": _("%s characters left")}
    return forms.CharField(
        label=label,
        required=False,
        max_length=limit,
        validators=[validate_text],
        widget=forms.Textarea(attrs),
        help_text=help_text,
    )


class CancelForm(forms.Form):
    """Why the meeting does not take place."""

    reason = _text_field(_("Reason"), limit=REASON_LIMIT, help_text=_("You can leave it empty."))


class RatingForm(forms.Form):
    """What the learner thinks of the meeting."""

    rating = forms.TypedChoiceField(
        label=_("Your rating"),
        choices=[(stars, str(stars)) for stars in RATINGS],
        coerce=int,
        empty_value=None,
        error_messages={
            "required": _("Choose one to five stars."),
            "invalid_choice": _("Choose one to five stars."),
        },
    )
    feedback = _text_field(_("Feedback"))


class CompleteForm(RatingForm):
    """The same for completing a meeting: all fields are optional."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rating"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("feedback") and "rating" in data and data["rating"] is None:
            self.add_error("rating", _("Choose stars to go with your feedback."))
        return data


class NotesForm(forms.Form):
    """The notes that both share. seen: the revision that the text is based on."""

    text = _text_field(
        _("Shared notes"), rows=5, help_text=_("Both of you can read and change these.")
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class PrivateNoteForm(forms.Form):
    """What only the writer sees."""

    text = _text_field(_("Private notes"), rows=5, help_text=_("Nobody but you sees these."))
