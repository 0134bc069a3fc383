"""Django's description of the app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Policies."""

    name = "policystudio.policies"
    verbose_name = "Policies"
