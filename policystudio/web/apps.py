"""Django's description of the app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Web."""

    name = "policystudio.web"
    verbose_name = "Web"
