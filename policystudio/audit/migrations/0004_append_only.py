"""The database itself refuses to change or remove an entry, whoever asks; verify_audit is for who can drop a trigger.

A migration that makes SQLite write the table anew (any AlterField or AddField does) has to end with `protect`.
"""

from django.db import migrations

REFUSAL = "entries of the audit record are never changed or removed"
POSTGRESQL = [
    f"""
    CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()
    """,
]
POSTGRESQL_BACK = ["DROP TRIGGER audit_entry_stays ON audit_auditentry", "DROP FUNCTION audit_entry_stays()"]
SQLITE = [
    f"""
    CREATE TRIGGER audit_entry_stays_{event.lower()} BEFORE {event} ON audit_auditentry
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """
    for event in ("UPDATE", "DELETE")
]
SQLITE_BACK = [f"DROP TRIGGER audit_entry_stays_{event}" for event in ("update", "delete")]


def protect(_apps, editor):
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def unprotect(_apps, editor):
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_search")]

    operations = [migrations.RunPython(protect, unprotect)]
