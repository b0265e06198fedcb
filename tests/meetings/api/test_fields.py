"""The values that the API's types spell out are those of the domain."""

from typing import get_args

from meetings.api.fields import AnyDuration
from meetings.api.requests import StatusName
from meetings.domain.policy import DURATIONS, Status


def test_durations_are_those_that_can_be_booked():
    assert set(get_args(AnyDuration)) == set(DURATIONS)


def test_names_of_a_status_are_all_that_there_are():
    assert set(get_args(StatusName)) == {each.value for each in Status}
