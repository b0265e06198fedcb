"""Error responses: one JSON shape for all of them, and the status of each."""

import logging
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accounts.login import LoginRefused
from meetings.api import limits
from meetings.api.validators import in_json, reason
from meetings.domain.errors import BookingError, SlotTaken
from meetings.forms.messages import count_refusal, text_of
from meetings.integrations.outages import RETRY_AFTER_SECONDS, is_transient

logger = logging.getLogger(__name__)

# The status by code of a BookingError; all other codes are 409.
STATUSES = {
    "beyond_horizon": HTTPStatus.BAD_REQUEST,
    "duration_not_offered": HTTPStatus.BAD_REQUEST,
    "mentor_unavailable": HTTPStatus.NOT_FOUND,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "off_grid": HTTPStatus.BAD_REQUEST,
    "own_mentor": HTTPStatus.BAD_REQUEST,
    "too_many_meetings": HTTPStatus.TOO_MANY_REQUESTS,
    "too_soon": HTTPStatus.BAD_REQUEST,
}
LOGIN_STATUSES = {
    "email_not_verified": HTTPStatus.FORBIDDEN,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
}
# The JSON names of fields of the domain and of models, where they differ.
FIELDS = {"start": "scheduledAt"}
FIELDS_BY_CODE = {"own_mentor": "mentorId", "mentor_unavailable": "mentorId"}


class ApiError(Exception):
    """An error that only the API raises. retry_after: seconds."""

    def __init__(
        self, status: HTTPStatus, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        self.status, self.code, self.message = status, code, message
        self.retry_after = retry_after
        super().__init__(code)


def refusal(
    status: HTTPStatus,
    code: str,
    message: str,
    *,
    errors: Mapping[str, list[str]] | None = None,
    nearest: list[datetime] | None = None,
    retry_after: int | None = None,
) -> HttpResponse:
    """An error response. errors: texts by JSON field name; nearest: free starts to offer."""
    body: dict[str, Any] = {"success": False, "code": code, "message": message}
    if errors:
        body["errors"] = errors
    if nearest is not None:
        body["nearest"] = [in_json(moment) for moment in nearest]
    response = JsonResponse(body, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def not_found(request: HttpRequest, error: object = None) -> HttpResponse:
    """A 404, the same for objects that do not exist and for other people's."""
    return refusal(HTTPStatus.NOT_FOUND, "not_found", _("There is nothing here."))


def handle_errors(api: NinjaAPI) -> None:
    """Register the handlers that give every error the one shape."""
    handlers: dict[type[Exception], Any] = {
        ApiError: _api_error,
        AuthenticationError: _unauthenticated,
        BadRequest: _malformed,
        BookingError: _booking_error,
        Exception: _bug,
        Http404: not_found,
        HttpError: _http_error,
        LoginRefused: _login_refused,
        ModelValidationError: _model_invalid,
        MultiPartParserError: _malformed,
        PermissionDenied: _forbidden,
        SuspiciousOperation: _malformed,
        ValidationError: _invalid,
        limits.Limited: _limited,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _api_error(request: HttpRequest, error: ApiError) -> HttpResponse:
    return refusal(error.status, error.code, error.message, retry_after=error.retry_after)


def _booking_error(request: HttpRequest, error: BookingError) -> HttpResponse:
    count_refusal(error)
    text = text_of(error)
    field = FIELDS_BY_CODE.get(error.code) or FIELDS.get(error.field or "", error.field)
    return refusal(
        STATUSES.get(error.code, HTTPStatus.CONFLICT),
        error.code,
        text,
        errors={field: [text]} if field else None,
        nearest=error.nearest if isinstance(error, SlotTaken) else None,
    )


def _login_refused(request: HttpRequest, error: LoginRefused) -> HttpResponse:
    status = LOGIN_STATUSES.get(error.code, HTTPStatus.UNAUTHORIZED)
    return refusal(status, error.code, str(error.text))


def _unauthenticated(request: HttpRequest, error: Exception) -> HttpResponse:
    try:
        limits.count_anonymous(request)
    except limits.Limited as limited:
        return _limited(request, limited)
    return refusal(
        HTTPStatus.UNAUTHORIZED,
        "not_authenticated",
        _("Send a valid access token: Authorization: Bearer …"),
    )


def _limited(request: HttpRequest, error: limits.Limited) -> HttpResponse:
    return refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limited",
        _("That was too much at once. Please try again later."),
        retry_after=error.retry_after,
    )


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The ApiError of our parser, which ninja wraps; ninja's own errors count as malformed."""
    cause = error.__cause__
    return _api_error(request, cause) if isinstance(cause, ApiError) else _malformed(request, error)


def _malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    return refusal(HTTPStatus.BAD_REQUEST, "malformed", _("This request cannot be read."))


def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return refusal(HTTPStatus.FORBIDDEN, "not_allowed", _("This is not yours to do."))


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for each in error.errors:
        # ("body", "body", "scheduledAt", …), ("query", "page"), …
        names = [str(part) for part in each["loc"][1:] if part not in ("body", "filters")]
        errors.setdefault(names[0] if names else "body", []).append(reason(each))
    return _wrong_fields(errors)


def _model_invalid(request: HttpRequest, error: ModelValidationError) -> HttpResponse:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"body": error.messages}
    return _wrong_fields({FIELDS.get(name, name): texts for name, texts in by_field.items()})


def _wrong_fields(errors: Mapping[str, list[str]]) -> HttpResponse:
    return refusal(
        HTTPStatus.BAD_REQUEST,
        "invalid",
        _("Some of what was sent is not right: %(fields)s.") % {"fields": ", ".join(errors)},
        errors=errors,
    )


def _bug(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("api: %s %s failed", request.method, request.resolver_match, exc_info=error)
    return server_error(error)


def server_error(error: BaseException | None) -> HttpResponse:
    """The response to an unexpected exception: 503 for an outage that may pass, 500 for a bug."""
    if is_transient(error):
        return refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "unavailable",
            _("The site cannot do this at the moment. Please try again in half a minute."),
            retry_after=RETRY_AFTER_SECONDS,
        )
    return refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "server_error",
        _("Something went wrong on our side. Please try again."),
    )
