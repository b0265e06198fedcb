"""Forged and changed tokens. All are refused, and none leads to a 500."""

import base64
import json
import time

import jwt
import pytest
from django.conf import settings

from tests.factories import UserFactory
from tests.meetings.api.caller import Caller, tokens_of

pytestmark = pytest.mark.django_db


def key():
    return settings.JWT_SIGNING_KEYS[0]


def read(token):
    return jwt.decode(token, options={"verify_signature": False})


def signed(claims, **header):
    return jwt.encode(claims, key(), algorithm="HS256", headers=header or None)


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(token):
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."


def unsigned_but_with_a_signature(token):
    return unsigned(token) + token.split(".")[2]


def with_another_key(token):
    return jwt.encode(read(token), "x" * 40, algorithm="HS256")


def with_the_key_of_sessions(token):
    return jwt.encode(read(token), settings.SECRET_KEY, algorithm="HS256")


def with_another_algorithm(token):
    return jwt.encode(read(token), key() * 2, algorithm="HS512")


def as_a_refresh_token(token):
    return signed(read(token) | {"token_use": "refresh"})


def expired(token):
    return signed(read(token) | {"exp": int(time.time()) - 1})


def without_expiry(token):
    claims = read(token)
    del claims["exp"]
    return signed(claims)


def with_a_subject_of_another_person(token):
    return signed(read(token) | {"sub": str(UserFactory().pk)})


def with_a_changed_subject(token):
    head, _claims, signature = token.split(".")
    return f"{head}.{part(read(token) | {'sub': str(UserFactory().pk)})}.{signature}"


def with_a_session_that_is_none(token):
    return signed(read(token) | {"sid": "bm90IGEgc2Vzc2lvbg=="})


def with_a_session_of_another_kind(token):
    return signed(read(token) | {"sid": 7})


def with_a_subject_that_is_a_list(token):
    return signed(read(token) | {"sub": ["a"]})


def without_its_signature(token):
    return token.rsplit(".", 1)[0] + "."


def with_a_key_in_its_header(token):
    return jwt.encode(
        read(token),
        "x" * 40,
        algorithm="HS256",
        headers={"jwk": {"kty": "oct", "k": part(b"x" * 40)}, "kid": "../../dev/null"},
    )


def huge(token):
    return f"{token}{'a' * 1_000_000}"


def with_a_header_nested_too_deep(token):
    return f"{part(b'[' * 2_500)}.{token.split('.')[1]}.{token.split('.')[2]}"


def with_a_header_that_is_a_huge_number(token):
    return f"{part(b'9' * 2_500)}.{token.split('.')[1]}.{token.split('.')[2]}"


def that_is_no_token(token):
    return "nonsense"


ATTACKS = [
    unsigned,
    unsigned_but_with_a_signature,
    with_another_key,
    with_the_key_of_sessions,
    with_another_algorithm,
    as_a_refresh_token,
    expired,
    without_expiry,
    with_a_subject_of_another_person,
    with_a_changed_subject,
    with_a_session_that_is_none,
    with_a_session_of_another_kind,
    with_a_subject_that_is_a_list,
    without_its_signature,
    with_a_key_in_its_header,
    huge,
    with_a_header_nested_too_deep,
    with_a_header_that_is_a_huge_number,
    that_is_no_token,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_access_token(attack):
    access = tokens_of(UserFactory())["access_token"]

    response = Caller()("GET", "meetings", headers={"Authorization": f"Bearer {attack(access)}"})

    assert response.status_code == 401


@pytest.mark.parametrize(
    "attack",
    [each for each in ATTACKS if each not in (as_a_refresh_token, huge)],
    ids=lambda attack: attack.__name__,
)
def test_a_refresh_token(attack):
    refresh = tokens_of(UserFactory())["refresh_token"]

    response = Caller().post("auth/refresh", {"refresh": attack(refresh)})

    assert response.status_code == 401


def test_a_refresh_token_is_no_access_token():
    refresh = tokens_of(UserFactory())["refresh_token"]

    response = Caller()("GET", "meetings", headers={"Authorization": f"Bearer {refresh}"})

    assert response.status_code == 401


def test_an_access_token_is_no_refresh_token():
    access = tokens_of(UserFactory())["access_token"]

    response = Caller().post("auth/refresh", {"refresh": access})

    assert response.status_code == 401


def test_a_huge_refresh_token_is_refused_before_it_is_read():
    response = Caller().post("auth/refresh", {"refresh": "a" * 1_000_000})

    assert response.status_code == 413


def test_a_token_is_of_no_use_as_a_session():
    claims = read(tokens_of(UserFactory())["access_token"])
    caller = Caller()
    caller.client.cookies[settings.SESSION_COOKIE_NAME] = claims["sid"]

    assert caller.get("meetings").status_code == 401
