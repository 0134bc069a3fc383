"""Django's description of the app."""

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    """Resources."""

    name = "policystudio.resources"
    verbose_name = "Resources"
