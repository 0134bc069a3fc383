"""Django's description of the app."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Changes."""

    name = "policystudio.changes"
    verbose_name = "Changes"
