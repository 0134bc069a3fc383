"""Django's description of the app."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """API clients."""

    name = "policystudio.clients"
    verbose_name = "API clients"
