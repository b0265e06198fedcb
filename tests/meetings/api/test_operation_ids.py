"""The names that generated clients give to the calls."""

from p2plearn.api import api


def test_they_stay_wherever_the_code_of_a_call_moves():
    paths = api.get_openapi_schema()["paths"]

    found = {call["operationId"] for calls in paths.values() for call in calls.values()}

    assert found == {
        "meetings_api_auth_logout",
        "meetings_api_auth_refresh",
        "meetings_api_auth_token",
        "meetings_api_changes_cancel",
        "meetings_api_changes_complete",
        "meetings_api_changes_join",
        "meetings_api_meetings_create",
        "meetings_api_meetings_detail",
        "meetings_api_meetings_listed",
        "meetings_api_mentors_detail",
        "meetings_api_mentors_listed",
        "meetings_api_mentors_slots",
        "update",
        "update_partly",
    }
