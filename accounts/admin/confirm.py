from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import Promise

CONFIRMED = "confirmed"
# Rows listed on the page; the others are only counted.
SHOWN = 50


def confirm_page(
    model_admin: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    action: str,
    title: str | Promise,
    explanation: str | Promise,
    button: str | Promise,
    form: forms.Form | None = None,
    describe: Callable[[Any], str] = str,
) -> TemplateResponse:
    """The confirmation page of an admin action; its form repeats the request with CONFIRMED.

    describe: returns the text that is shown for a row.
    """
    count = rows.count()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "explanation": explanation,
        "button": button,
        "form": form,
        "media": model_admin.media,
        "opts": model_admin.opts,
        "rows": [describe(row) for row in rows[:SHOWN]],
        "more": max(count - SHOWN, 0),
        "action": action,
        "confirmed": CONFIRMED,
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/confirm_action.html", context)
