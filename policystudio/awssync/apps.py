"""Django's description of the app."""

from django.apps import AppConfig


class AwsSyncConfig(AppConfig):
    """AWS sync."""

    name = "policystudio.awssync"
    verbose_name = "AWS sync"
