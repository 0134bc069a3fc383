from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.policies.services import actions_of

BATCH = 500


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Read every stored document once. One that does not parse stays without: it may be about anything."""
    documents = apps.get_model("policies", "Document").objects
    batch = []
    for document in documents.filter(problems__isnull=True, actions__isnull=True).iterator(chunk_size=BATCH):
        try:
            document.actions = actions_of(parse_policy(document.text, PolicyKind(document.kind)))
        except PolicyError:
            continue
        batch.append(document)
        if len(batch) == BATCH:
            documents.bulk_update(batch, ["actions"])
            batch = []
    documents.bulk_update(batch, ["actions"])


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="actions",
            field=models.TextField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
