import pytest
from allauth.core.context import request_context
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.signup_form import SignupForm
from tests.factories import PASSWORD, UserFactory

VALID = {"name": "Ada", "email": "Ada@Example.com", "password1": PASSWORD, "timezone": "Asia/Tokyo"}


@pytest.mark.django_db
def test_who_signs_up_confirms_the_address_next(client):
    response = client.post(reverse("account_signup"), VALID)

    assert response["Location"] == reverse("account_email_verification_sent")
    person = User.objects.get()
    assert (person.name, person.email, person.timezone) == ("Ada", "ada@example.com", "Asia/Tokyo")
    assert [each.to for each in mail.outbox] == [["ada@example.com"]]


@pytest.mark.django_db
def test_an_address_that_has_an_account_is_answered_alike(client):
    UserFactory(email="ada@example.com")

    response = client.post(reverse("account_signup"), VALID)

    assert response["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_so_is_one_that_gets_its_account_after_the_form_was_checked(client, rf):
    request = rf.post(reverse("account_signup"), VALID)
    request.session, request.user = client.session, AnonymousUser()
    request._messages = CookieStorage(request)
    form = SignupForm(VALID)
    assert form.is_valid()
    UserFactory(email="ada@example.com")

    with request_context(request):
        person, response = form.try_save(request)

    assert (person, response["Location"]) == (None, reverse("account_email_verification_sent"))
    assert User.objects.count() == 1
