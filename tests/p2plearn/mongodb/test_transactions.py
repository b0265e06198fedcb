"""Django's guarantees for transactions, on a database with weaker ones."""

import threading
import time

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError

from accounts.models import MentorTag, User
from p2plearn.mongodb.errors import TransactionConflict
from tests.factories import MentorFactory, UserFactory
from tests.p2plearn.mongodb.other import Holder, elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def names():
    return sorted(User.objects.values_list("name", flat=True))


def rename(person, name):
    return User.objects.filter(pk=person.pk).update(name=name)


def test_nobody_else_sees_it_before_it_is_committed():
    with transaction.atomic():
        UserFactory(name="Ana")
        before = elsewhere(names)

    assert (before, elsewhere(names)) == ([], ["Ana"])


def test_what_fails_has_not_happened():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        UserFactory(name="Ana")
        raise ZeroDivisionError

    assert names() == []


def test_a_savepoint_takes_back_its_own_part_alone():
    with transaction.atomic():
        UserFactory(name="Ana")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            UserFactory(name="Ben")
            with transaction.atomic():
                UserFactory(name="Cleo")
            raise ZeroDivisionError
        in_between = names()
        UserFactory(name="Dora")

    assert in_between == ["Ana"]
    assert names() == ["Ana", "Dora"]


def test_a_refused_row_leaves_the_rest_of_the_transaction():
    with transaction.atomic():
        UserFactory(name="Ana", email="ana@example.com")
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory(name="Ben", email="ana@example.com")
        UserFactory(name="Cleo")

    assert names() == ["Ana", "Cleo"]


def test_after_a_refused_row_without_a_savepoint_nothing_more_is_asked():
    with pytest.raises(TransactionManagementError), transaction.atomic():
        UserFactory(name="Ana", email="ana@example.com")
        with pytest.raises(IntegrityError):
            UserFactory(name="Ben", email="ana@example.com")
        names()

    assert names() == []


def test_on_commit_follows_the_commit_of_its_savepoint():
    heard = []

    with transaction.atomic():
        transaction.on_commit(lambda: heard.append("outer"))
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            transaction.on_commit(lambda: heard.append("inner"))
            raise ZeroDivisionError
        before = [*heard]

    assert (before, heard) == ([], ["outer"])


def test_many_at_once_are_all_stored_or_none():
    MentorFactory(skills=["One", "Two"])
    tags = MentorTag.objects.filter(kind="skill")

    with pytest.raises(IntegrityError):
        tags.update(slug="the-same")

    assert sorted(tags.values_list("slug", flat=True)) == ["one", "two"]


def test_a_change_of_what_somebody_holds_waits_and_comes_on_top():
    profile = MentorFactory(rating_sum=0)
    mine = type(profile).objects.filter(pk=profile.pk)

    with Holder(lambda: mine.update(rating_sum=F("rating_sum") + 1), transaction) as holder:
        threading.Timer(0.3, holder.let_go).start()
        with transaction.atomic():
            mine.update(rating_sum=F("rating_sum") + 10)

    assert mine.get().rating_sum == 11


def test_what_was_done_before_is_done_again_when_others_were_in_the_way():
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")

    with Holder(lambda: rename(ben, "Beth"), transaction) as holder:
        threading.Timer(0.3, holder.let_go).start()
        with transaction.atomic():
            rename(ana, "Anna")
            UserFactory(name="Cleo")
            rename(ben, "Benno")

    assert names() == ["Anna", "Benno", "Cleo"]


def test_what_rests_on_something_that_has_changed_is_not_stored():
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")

    def take_the_place_of_ana():
        rename(ben, "Beth")

    with (
        pytest.raises(TransactionConflict),
        Holder(take_the_place_of_ana, transaction) as holder,
        transaction.atomic(),
    ):
        # A compare-and-set: it matched once, and will not match in the replay.
        assert User.objects.filter(pk=ana.pk, name="Ana").update(name="Anna") == 1

        def change_ana_as_soon_as_she_is_free():
            elsewhere(lambda: rename(ana, "Annabel"))
            holder.let_go()

        other = threading.Thread(target=change_ana_as_soon_as_she_is_free)
        other.start()
        rename(ben, "Benno")
    other.join()

    assert names() == ["Annabel", "Beth"]


def test_a_lock_keeps_others_out_until_the_end():
    person = UserFactory(name="Ana")
    order = []

    def lock():
        User.objects.select_for_update().get(pk=person.pk)
        order.append("other")

    with Holder(lock, transaction) as holder:

        def end():
            order.append("other ends")
            holder.let_go()

        threading.Timer(0.3, end).start()
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=person.pk)
            order.append("mine")

    assert order == ["other", "other ends", "mine"]


def test_a_lock_that_somebody_else_has_had_meanwhile_is_lost():
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")

    def lock_ana():
        with transaction.atomic():
            User.objects.select_for_update().get(pk=ana.pk)

    with (
        pytest.raises(TransactionConflict),
        Holder(lambda: rename(ben, "Beth"), transaction) as holder,
        transaction.atomic(),
    ):
        User.objects.select_for_update().get(pk=ana.pk)

        def lock_as_soon_as_she_is_free():
            elsewhere(lock_ana)
            holder.let_go()

        other = threading.Thread(target=lock_as_soon_as_she_is_free)
        other.start()
        rename(ben, "Benno")
    other.join()


def test_locking_twice_before_something_is_refused_is_no_conflict():
    person = UserFactory(name="Ana", email="ana@example.com")

    with transaction.atomic():
        for _time in range(2):
            User.objects.select_for_update().get(pk=person.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory(email="ana@example.com")
        rename(person, "Anna")

    assert names() == ["Anna"]


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "SECONDS_TO_WAIT", 0.2)
    person = UserFactory(name="Ana")
    started = time.monotonic()

    with (
        Holder(lambda: rename(person, "Anna"), transaction),
        pytest.raises(OperationalError, match="in the way"),
        transaction.atomic(),
    ):
        rename(person, "Annabel")

    assert time.monotonic() - started < 10
    assert names() == ["Anna"]


def test_a_lock_outside_of_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        User.objects.select_for_update().first()


def test_each_thread_has_a_transaction_of_its_own():
    with transaction.atomic():
        assert connection.in_atomic_block
        assert elsewhere(lambda: connection.in_atomic_block) is False
