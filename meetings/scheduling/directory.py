"""Searching listed mentors by words, skill, language and free day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from accounts.models import MentorProfile, MentorTag
from accounts.models.mentor import MentorProfileQuerySet
from meetings.domain.grid import Interval
from meetings.models import SessionType
from meetings.scheduling.free_slots import schedules


@dataclass(frozen=True)
class Facet:
    """A skill or language that listed mentors have, and how many have it."""

    slug: str
    label: str
    count: int


def facets() -> dict[str, list[Facet]]:
    """`{kind of MentorTag: [Facet]}`, most frequent first; one query."""
    found: dict[str, list[Facet]] = {kind: [] for kind in MentorTag.Kind.values}
    rows = (
        MentorTag.objects.filter(profile__is_listed=True, profile__user__is_active=True)
        .values_list("kind", "slug")
        .annotate(count=Count("pk"), first_label=Min("label"))
        .order_by("-count", "slug")
    )
    for kind, slug, count, label in rows:
        found[kind].append(Facet(slug, label, count))
    return found


def search(
    *,
    words: str = "",
    skill: str = "",
    language: str = "",
    window: Interval | None = None,
    is_by_next_free: bool = False,
    now: datetime,
) -> Sequence[MentorProfile] | MentorProfileQuerySet:
    """Listed mentors who match all filters, best rated or soonest free first.

    skill, language: slugs of facets; window: a meeting can still start in it.
    """
    mentors = MentorProfile.objects.listed().matching(words)
    for kind, slug in ((MentorTag.Kind.SKILL, skill), (MentorTag.Kind.LANGUAGE, language)):
        if slug:
            mentors = mentors.tagged(kind, slug)
    mentors = mentors.by_next_free() if is_by_next_free else mentors.by_rating()
    return mentors if window is None else free_within(mentors, window, now=now)


def free_within(
    mentors: MentorProfileQuerySet, window: Interval, *, now: datetime
) -> list[MentorProfile]:
    """Those with a free start in window for their shortest duration, in the same order.

    Seven queries for any number of mentors.
    """
    candidates = list(mentors)
    types = SessionType.objects.defaults_of([profile.pk for profile in candidates])
    if not types:
        return []
    found, _nobody = schedules(types.values(), window)
    return [
        profile
        for profile in candidates
        if (session_type := types.get(profile.pk))
        and found[profile.pk].soonest(window, min(session_type.durations), now=now)
    ]
