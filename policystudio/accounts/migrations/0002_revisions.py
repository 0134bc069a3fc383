from uuid import uuid4

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="revision",
            field=models.UUIDField(default=uuid4, editable=False),
        ),
        migrations.AddField(
            model_name="organization",
            name="revision",
            field=models.UUIDField(default=uuid4, editable=False),
        ),
    ]
