"""Many rows at once: comparing what is stored with what is said, and writing the difference in few statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from policystudio.awssync.snapshot.documents import DocumentRecord
from policystudio.policies.models import Document

#: Rows written or removed by one statement; SQLite bounds its parameters, and progress is told in between.
BATCH = 500

Row = TypeVar("Row", bound=models.Model)
Value = TypeVar("Value")


def batches(values: Iterable[Value], size: int = BATCH) -> Iterator[list[Value]]:
    """The values in lists of at most ``size``."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def assign(row: models.Model, values: Mapping[str, Any]) -> list[str]:
    """Set the fields of a row that differ; answers with their names."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def create(model: type[Row], rows: Iterable[Row]) -> None:
    """Insert new rows; their primary keys are set."""
    for batch in batches(rows):
        model._default_manager.bulk_create(batch)


def update(model: type[Row], rows: Sequence[Row], fields: Iterable[str]) -> None:
    """Write these fields of rows that are stored."""
    names = sorted(set(fields))
    for batch in batches(rows):
        model._default_manager.bulk_update(batch, names)


def delete(model: type[models.Model], keys: Iterable[Any]) -> None:
    """Remove rows by primary key, with what hangs on them."""
    for batch in batches(keys):
        model._default_manager.filter(pk__in=batch).delete()


def documents_create(records: Iterable[DocumentRecord]) -> None:
    """Store the documents that are not stored yet."""
    for batch in batches(sorted(records, key=lambda record: record.digest)):
        stored = set(
            Document.objects.filter(pk__in=[record.digest for record in batch]).values_list("digest", flat=True)
        )
        Document.objects.bulk_create(
            Document(
                digest=record.digest,
                kind=record.kind,
                text=record.text,
                problems=record.problems,
                actions=record.actions,
            )
            for record in batch
            if record.digest not in stored
        )
