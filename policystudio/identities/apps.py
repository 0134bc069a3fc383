"""Django's description of the app."""

from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    """Identities."""

    name = "policystudio.identities"
    verbose_name = "Identities"
