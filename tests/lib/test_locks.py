"""A transaction that waits for nobody."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from policystudio.accounts.models import Account
from policystudio.lib.locks import atomic_without_waiting
from tests.factories import make_account


@pytest.mark.django_db
def test_it_is_a_transaction() -> None:
    def fail() -> None:
        with atomic_without_waiting():
            make_account()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert not Account.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_where_another_holds_the_row() -> None:
    account = make_account()
    refused: list[str] = []

    def write() -> None:
        try:
            with atomic_without_waiting():
                Account.objects.filter(pk=account.pk).update(name="mine")
        except OperationalError as error:
            refused.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(name="theirs")
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert refused
    account.refresh_from_db()
    assert account.name == "theirs"
    with atomic_without_waiting():
        Account.objects.filter(pk=account.pk).update(name="mine")
