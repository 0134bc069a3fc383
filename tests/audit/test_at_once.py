"""Many writers of the audit record at once lose no entry and break no chain."""

import pytest
from django.db import transaction

from policystudio.audit import services
from policystudio.audit.models import AuditEntry
from tests.support.at_once import at_once


@pytest.mark.django_db(transaction=True)
def test_entries_of_many_writers_are_one_chain() -> None:
    def write() -> int:
        for number in range(10):
            with transaction.atomic():
                services.record(actor="dana", action="thing.done", target=f"{number}")
        return 10

    assert at_once(*[write] * 8) == [10] * 8
    assert AuditEntry.objects.count() == 80
    assert services.verify() == []
