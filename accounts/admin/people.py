from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.confirm import CONFIRMED, confirm_page
from accounts.admin.times import time_column
from accounts.models import TokenFamily, User
from accounts.zones import choices_with

# How pages and mails are written for the person.
READING = ("language", "timezone", "clock")
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """Shared by the forms to add and to change a person."""

    timezone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # With permission only to view, the form has no fields.
        if (field := self.fields.get("timezone")) is not None:
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices_with(self.instance.timezone)
            field.initial = self.instance.timezone

    def clean_email(self) -> str:
        """Raises ValidationError if somebody else has verified the address."""
        email: str = self.cleaned_data["email"].strip().lower()
        proved = EmailAddress.objects.filter(email=email, verified=True)
        if proved.exclude(user=self.instance.pk).exists():
            raise ValidationError(_("This address belongs to somebody else."))
        return email


class PersonChangeForm(PersonForm, UserChangeForm):  # type: ignore[type-arg]
    remove_photo = forms.BooleanField(label=_("Remove the photo"), required=False)

    class Meta:
        model = User
        fields = ("name", "email", *READING, "password", "is_active", *RIGHTS)


class PersonAddForm(PersonForm, AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("name", "email", *READING)


class MentorFilter(admin.SimpleListFilter):
    title = _("mentor")
    parameter_name = "mentor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(mentor_profile__isnull=self.value() == "no")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """People. Nobody can lock themselves out, and only superusers grant rights."""

    form = PersonChangeForm
    add_form = PersonAddForm
    list_display = ("name", "email", "timezone", "is_active", "is_staff", "is_mentor", "joined")
    list_filter = ("is_active", "is_staff", MentorFilter, "date_joined")
    list_select_related = ("mentor_profile",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "email")
    date_hierarchy = "date_joined"
    ordering = ("name", "id")
    actions = ("deactivate",)
    readonly_fields = ("photo_shown", "joined", "last_seen")
    fieldsets = (
        (None, {"fields": ("name", "email", *READING, "password")}),
        (_("Photo"), {"fields": ("photo_shown", "remove_photo")}),
        (_("Rights"), {"fields": ("is_active", *RIGHTS)}),
        (_("Dates"), {"fields": ("joined", "last_seen")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    *("name", "email", *READING),
                    *("usable_password", "password1", "password2"),
                ),
            },
        ),
    )

    joined = time_column("date_joined", _("joined"))
    last_seen = time_column("last_login", _("last login"))

    @admin.display(description=_("photo"), empty_value="–")
    def photo_shown(self, person: User) -> str | None:
        if not (urls := person.photo_urls):
            return None
        text = gettext("Photo of %(name)s") % {"name": person}
        return format_html('<img src="{}" width="96" height="96" alt="{}">', urls.medium, text)

    @admin.display(description=_("mentor"), boolean=True)
    def is_mentor(self, person: User) -> bool:
        return person.is_mentor

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[Any, ...]:
        locked: set[str] = set()
        if obj is not None and obj.pk == request.user.pk:
            locked |= {"is_active", "is_staff", "is_superuser"}
        if not _is_superuser(request):
            locked |= set(RIGHTS)
        return (*self.readonly_fields, *sorted(locked))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.pk == request.user.pk:
            return False
        return _may_touch(request, obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        changed = set(form.changed_data)
        super().save_model(request, obj, form, change)
        if "remove_photo" in changed:
            obj.remove_photo()
        if not change or "email" in changed:
            _expect_proof_of_address(obj)
        if change and {"name", "timezone"} & changed and obj.is_mentor:
            obj.mentor_profile.follow_person()
        if change and "is_active" in changed and not obj.is_active:
            self.after_deactivation(request, [obj])

    @admin.action(description=_("Deactivate the selected people"), permissions=["change"])
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        if CONFIRMED not in request.POST:
            return confirm_page(
                self,
                request,
                people,
                action="deactivate",
                title=_("Deactivate people"),
                explanation=_(
                    "They are logged out at once, cannot come back and are not listed. Their "
                    "upcoming meetings are cancelled. Activating them again does not bring those "
                    "meetings back."
                ),
                button=_("Deactivate"),
            )
        lost = []
        for person in people.filter(is_active=True):
            if person.pk == request.user.pk:
                self.message_user(
                    request, gettext("You cannot deactivate yourself."), messages.WARNING
                )
            elif not self.has_change_permission(request, person):
                text = gettext("Only a superuser can deactivate %(name)s.")
                self.message_user(request, text % {"name": person}, messages.WARNING)
            else:
                person.is_active = False
                person.save(update_fields=["is_active"])
                self.log_change(request, person, gettext("Deactivated."))
                lost.append(person)
        text = ngettext("%(n)s person deactivated.", "%(n)s people deactivated.", len(lost))
        self.message_user(request, text % {"n": len(lost)})
        self.after_deactivation(request, lost)
        return None

    def after_deactivation(self, request: HttpRequest, people: Iterable[User]) -> None:
        """End their sessions and API tokens, so that a later activation does not revive them."""
        for person in people:
            for session in UserSession.objects.filter(user=person):
                session.end()
            TokenFamily.objects.filter(person=person).delete()


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def _may_touch(request: HttpRequest, person: User | None) -> bool:
    """Whether the viewer may edit the person: only superusers may edit a superuser."""
    return person is None or not person.is_superuser or _is_superuser(request)


def _expect_proof_of_address(person: User) -> None:
    """Make the address the person's only one, and have it verified at the next log-in."""
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
