"""Tests tamper with the audit record, and empty it between them: both have to take the database's own guard away."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresqlOperations
from django.db.backends.sqlite3.base import DatabaseOperations

OFF, ON = (f"ALTER TABLE audit_auditentry {verb} TRIGGER USER" for verb in ("DISABLE", "ENABLE"))


def sqlite_triggers() -> dict[str, str]:
    """The statement that made each trigger of the table of entries, by its name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_auditentry'")
        return dict(cursor.fetchall())


@contextmanager
def unguarded() -> Iterator[None]:
    """Within it entries can be changed and removed, as whoever owns the database can."""
    if connection.vendor == "postgresql":
        away, back = [OFF], [ON]
    else:
        triggers = sqlite_triggers()
        away, back = [f"DROP TRIGGER {name}" for name in triggers], list(triggers.values())
    with connection.cursor() as cursor:
        for statement in away:
            cursor.execute(statement)
        yield
        for statement in back:
            cursor.execute(statement)


def let_flush_empty_the_record() -> None:
    """Where a test is not undone by a rollback all tables are emptied: by DELETE or TRUNCATE, which triggers refuse."""
    flush = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        triggers = sqlite_triggers()
        flush(self, [*(f"DROP TRIGGER {name}" for name in triggers), *sql_list, *triggers.values()])

    def execute_postgresql_flush(self: PostgresqlOperations, sql_list: list[str]) -> None:
        of_all = super(PostgresqlOperations, self).execute_sql_flush
        of_all([OFF, *sql_list, ON])

    DatabaseOperations.execute_sql_flush = execute_sql_flush
    PostgresqlOperations.execute_sql_flush = execute_postgresql_flush
