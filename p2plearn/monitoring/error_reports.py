"""Error reports to Sentry, if SENTRY_DSN is set; they never say who was affected."""

from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

from meetings.integrations.outages import is_transient
from p2plearn.monitoring.logs import belongs_to, without_secrets

# The parts of a request that are sent: headers, cookies, query and body may contain secrets.
REQUEST_PARTS = ("method", "url")


def start(dsn: str, *, environment: str) -> None:
    """Start reporting; call it once."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=_fit_to_leave,
    )


def _fit_to_leave(event: Event, hint: Hint) -> Event | None:
    """The event without secrets; None for an outage, which monitoring reports."""
    if is_transient(hint.get("exc_info", (None, None, None))[1]):
        return None
    request = event.get("request", {})
    event["request"] = {name: request[name] for name in REQUEST_PARTS if name in request}
    event["tags"] = {**event.get("tags", {}), **(belongs_to.get() or {})}
    event.pop("user", None)
    event.pop("server_name", None)
    event.pop("extra", None)
    told: Event = _told(event)
    return told


def _told(value: Any) -> Any:
    """The value with secrets removed from every text in it."""
    match value:
        case str():
            return without_secrets(value)
        case dict():
            return {key: _told(each) for key, each in value.items()}
        case list() | tuple():
            return [_told(each) for each in value]
    return value
