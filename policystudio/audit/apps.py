"""Django's description of the app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Audit record."""

    name = "policystudio.audit"
    verbose_name = "Audit record"
