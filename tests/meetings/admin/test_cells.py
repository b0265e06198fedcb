"""Busy cells in the admin."""

import pytest
from django.urls import reverse_lazy

from tests.factories import MeetingFactory, MentorFactory

pytestmark = pytest.mark.django_db
CELLS = reverse_lazy("admin:meetings_busycell_changelist")


def test_the_cells_of_one_meeting_are_found_by_its_id(client, staff):
    meeting, _other = MeetingFactory(), MeetingFactory()

    page = client.get(CELLS, {"q": f" {meeting.pk} "})

    found = [(each.owner_id, each.person_id) for each in page.context["cl"].result_list]
    assert len(found) == len(meeting.cells())
    assert set(found) == {(meeting.pk, meeting.mentor_id), (meeting.pk, meeting.learner_id)}


@pytest.mark.parametrize("words", ["Ada", "lovelace", "0c3a6f2d", "{}", "0c3a6f2d-0000-0000-0000"])
def test_any_words_search_for_people(client, staff, words):
    meeting = MeetingFactory(mentor=MentorFactory(user__name="Ada Lovelace").user)

    page = client.get(CELLS, {"q": words})

    found = {each.person for each in page.context["cl"].result_list}
    assert found <= {meeting.mentor, meeting.learner}
    assert (meeting.mentor in found) == (words in ("Ada", "lovelace"))
