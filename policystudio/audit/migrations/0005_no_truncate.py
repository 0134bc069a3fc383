"""PostgreSQL refuses to empty the record, too: TRUNCATE asks no trigger for rows. SQLite has no such statement."""

from django.db import migrations


def protect(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE TRIGGER audit_entries_stay BEFORE TRUNCATE ON audit_auditentry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()"
        )


def unprotect(_apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER audit_entries_stay ON audit_auditentry")


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_append_only")]

    operations = [migrations.RunPython(protect, unprotect)]
