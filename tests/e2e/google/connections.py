"""Google calendars that people have connected."""

from django.conf import settings
from django.utils import timezone

from accounts.models import CalendarConnection, User
from tests.e2e.google.state import Google


def connect(google: Google, person: User, **fields: object) -> CalendarConnection:
    """Store a connection with a valid consent, as if the person had gone through the pages."""
    email = f"{person.pk}@gmail.example.com"
    connection = CalendarConnection(
        user=person,
        google_id=f"sub-{email}",
        google_email=email,
        connected_at=timezone.now(),
        **fields,
    )
    connection.refresh_token = google.consent(email, " ".join(settings.GOOGLE_SCOPES))
    connection.save()
    return connection
