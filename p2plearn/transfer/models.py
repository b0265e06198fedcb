"""Which rows move with the site: all that no other place can make again."""

from graphlib import TopologicalSorter

from django.apps import apps
from django.db import models

Model = type[models.Model]

# Everything that is not named here is carried, also what is added to the site later.
LEFT_OUT = {
    "contenttypes.ContentType": "migrate makes them; they are referred to by name",
    "auth.Permission": "migrate makes them; they are referred to by name",
    "meetings.Heartbeat": "tells that a worker of this place lives",
    "sessions.Session": "people log in again",
    "usersessions.UserSession": "tells of sessions that are not carried",
}


def carried() -> list[Model]:
    """The models whose rows are carried, each behind those that it refers to."""
    found = {
        model._meta.label: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT
    }
    order = TopologicalSorter(
        {label: sorted(_referred(model) & found.keys()) for label, model in sorted(found.items())}
    )
    return [found[label] for label in order.static_order()]


def fields_of(model: Model) -> list["models.Field[object, object]"]:
    """The columns of its rows, the key included, in the order in which they are written."""
    return list(model._meta.concrete_fields)


def has_ordinals(model: Model) -> bool:
    """Whether its keys are numbers or ids that only its own database knows."""
    return model._meta.auto_field is not None


def _referred(model: Model) -> set[str]:
    related = (field.related_model for field in fields_of(model) if field.is_relation)
    return {other._meta.label for other in related if isinstance(other, type)} - {model._meta.label}
