"""Django's description of the app."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """History."""

    name = "policystudio.history"
    verbose_name = "History"
