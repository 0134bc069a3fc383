"""Django's description of the app."""

from django.apps import AppConfig


class SimulatorConfig(AppConfig):
    """Simulator."""

    name = "policystudio.simulator"
    verbose_name = "Simulator"
