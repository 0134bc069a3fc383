"""Django's description of the app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """REST."""

    name = "policystudio.api"
    verbose_name = "REST"
