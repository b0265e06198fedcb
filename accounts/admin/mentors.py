from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.times import time_column
from accounts.forms import SkillsField
from accounts.languages import language_choices
from accounts.models import MentorProfile


class MentorProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    skills = SkillsField(label=_("Skills"), help_text=_("With commas between."), required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=language_choices, required=False
    )
    room_url = forms.URLField(label=_("Own room"), assume_scheme="https", required=False)

    class Meta:
        model = MentorProfile
        fields = ("user", "is_listed", "headline", "bio", "skills", "languages", "room_url")


@admin.register(MentorProfile)
class MentorProfileAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Mentors; their hours have pages of their own."""

    form = MentorProfileForm
    list_display = ("user", "zone", "is_listed", "is_active", "rated", "next_free")
    list_filter = ("is_listed", "user__is_active")
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("user__name", "user__email", "headline", "search_text")
    ordering = ("user__name", "user_id")
    autocomplete_fields = ("user",)
    readonly_fields = ("rated", "next_free")
    fieldsets = (
        (None, {"fields": MentorProfileForm.Meta.fields}),
        (_("So far"), {"fields": ("rated", "next_free")}),
    )

    next_free = time_column("next_free_at", _("next free time"))

    @admin.display(description=_("time zone"), ordering="user__timezone")
    def zone(self, profile: MentorProfile) -> str:
        return profile.user.timezone

    @admin.display(description=_("active"), ordering="user__is_active", boolean=True)
    def is_active(self, profile: MentorProfile) -> bool:
        return profile.user.is_active

    @admin.display(description=_("rating"))
    def rated(self, profile: MentorProfile) -> str:
        if profile.rating is None:
            return gettext("none yet")
        return f"{profile.rating:.1f} ({profile.rating_count})"

    def get_readonly_fields(
        self, request: HttpRequest, obj: MentorProfile | None = None
    ) -> tuple[Any, ...]:
        return (*self.readonly_fields, "user") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: MentorProfile, form: Any, change: bool) -> None:
        """Write only the form's columns and next_free_until: the ratings may change meanwhile."""
        obj.next_free_until = None
        fields = [*form.cleaned_data, "next_free_until"] if change else None
        obj.save(update_fields=fields)
