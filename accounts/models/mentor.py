import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.languages import language_name
from accounts.models.user import User
from accounts.text import normalize_for_search, slug_of, validate_line, validate_text

# Few ratings count for less: the score adds five ratings of 4 to the real ones.
PRIOR_RATINGS, PRIOR_RATING = 5.0, 4.0

_listeners: list[Callable[[User], object]] = []


def on_new_mentor(listener: Callable[[User], object]) -> None:
    """Call listener with each new mentor, in the transaction in which they become one."""
    _listeners.append(listener)


class MentorProfileQuerySet(models.QuerySet["MentorProfile"]):
    def listed(self) -> "MentorProfileQuerySet":
        """Those who can be found and booked, each with its user."""
        return self.filter(is_listed=True, user__is_active=True).select_related("user")

    def matching(self, words: str) -> "MentorProfileQuerySet":
        """Those with every word in name, headline, bio or skills, ignoring case and accents."""
        found = self
        for word in normalize_for_search(words).split():
            found = found.filter(search_text__contains=word)
        return found

    def tagged(self, kind: str, slug: str) -> "MentorProfileQuerySet":
        """Those with that skill or language."""
        return self.filter(pk__in=MentorTag.objects.filter(kind=kind, slug=slug).values("profile"))

    def by_rating(self) -> "MentorProfileQuerySet":
        """Best first; one lucky 5 does not beat fifty good ones."""
        score = (F("rating_sum") + PRIOR_RATING * PRIOR_RATINGS) / (
            F("rating_count") + PRIOR_RATINGS
        )
        return self.alias(score=models.ExpressionWrapper(score, models.FloatField())).order_by(
            "-score", "user_id"
        )

    def by_next_free(self) -> "MentorProfileQuerySet":
        """Soonest free first; those without a free time last."""
        return self.order_by(F("next_free_at").asc(nulls_last=True), "user_id")


class MentorProfile(models.Model):
    """What a mentor tells about themselves.

    Booking rules belong to meetings, which creates them for each new mentor (on_new_mentor).
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="mentor_profile"
    )
    headline = models.CharField(_("headline"), max_length=120, validators=[validate_line])
    bio = models.TextField(_("about you"), max_length=5_000, blank=True, validators=[validate_text])
    skills = models.JSONField(_("skills"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    room_url = models.URLField(
        _("your own room"),
        blank=True,
        max_length=500,
        validators=[URLValidator(schemes=["https"]), validate_line],
        help_text=_("An https address where you meet; learners see it only after booking."),
    )
    is_listed = models.BooleanField(
        _("listed"), default=True, help_text=_("Off: nobody finds or books you.")
    )
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    search_text = models.TextField(default="", editable=False)
    # The next free time, and until when that value is valid.
    next_free_at = models.DateTimeField(null=True, editable=False, db_index=True)
    next_free_until = models.DateTimeField(null=True, editable=False, db_index=True)

    objects = MentorProfileQuerySet.as_manager()

    if TYPE_CHECKING:
        user_id: uuid.UUID

    class Meta:
        verbose_name = _("mentor")
        verbose_name_plural = _("mentors")

    def __str__(self) -> str:
        return str(self.user)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Also update the search text and the tags, unless only other fields are saved."""
        fields = kwargs.get("update_fields")
        if fields is not None and not {"headline", "bio", "skills", "languages"} & set(fields):
            super().save(*args, **kwargs)
            return
        words = [self.user.name, self.headline, self.bio, *self.skills]
        self.search_text = normalize_for_search(" ".join(words))
        if fields is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            MentorTag.objects.filter(profile=self).delete()
            MentorTag.objects.bulk_create(self._tags())
            if is_new:
                for listener in _listeners:
                    listener(self.user)

    def get_absolute_url(self) -> str:
        return reverse("meetings:mentor", args=[self.pk])

    def follow_person(self) -> None:
        """Update the search text, and have the next free time recomputed, after a new name or zone.

        Writes only the columns concerned: the ratings and others may change meanwhile.
        """
        self.next_free_until = None
        self.save(update_fields=["headline", "next_free_until"])

    @property
    def rating(self) -> float | None:
        """The mean of all ratings, 1.0 to 5.0; None without one."""
        return self.rating_sum / self.rating_count if self.rating_count else None

    @property
    def language_names(self) -> list[str]:
        """The names of the languages, in the active language."""
        return [language_name(code) for code in self.languages]

    def _tags(self) -> list["MentorTag"]:
        """One tag for each skill and language, labelled with its first spelling."""
        tags: dict[tuple[str, str], MentorTag] = {}
        for name in self.skills:
            slug = slug_of(name)
            tags.setdefault(
                ("skill", slug), MentorTag(profile=self, kind="skill", slug=slug, label=name)
            )
        for code in self.languages:
            tags.setdefault(
                ("language", code),
                MentorTag(profile=self, kind="language", slug=code, label=language_name(code)),
            )
        return list(tags.values())


class MentorTag(models.Model):
    """A skill or a language of a mentor, as a row to filter by; made from the profile's lists."""

    class Kind(models.TextChoices):
        SKILL = "skill", _("skill")
        LANGUAGE = "language", _("language")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(MentorProfile, on_delete=models.CASCADE, related_name="tags")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    slug = models.CharField(max_length=60)
    label = models.CharField(max_length=60)

    class Meta:
        indexes = (models.Index(fields=["kind", "slug"], name="mentor_tag_kind_slug"),)
        constraints = (
            models.UniqueConstraint(fields=["profile", "kind", "slug"], name="mentor_tag_once"),
        )

    def __str__(self) -> str:
        return self.label
