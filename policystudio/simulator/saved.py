"""Reads of saved simulations and their runs."""

from django.db.models import Count, Max, QuerySet

from policystudio.accounts.models import Account
from policystudio.simulator.models import Simulation, SimulationRun


def simulations_of(account: Account) -> QuerySet[Simulation]:
    """The account's simulations, the newest first, each with ``run_count`` and ``last_run_at``."""
    found = Simulation.objects.filter(account=account).select_related("account__unit__organization")
    return found.annotate(run_count=Count("runs"), last_run_at=Max("runs__at")).order_by("-number")


def simulation_get(account: Account, number: int) -> Simulation:
    """A simulation of the account by its number; raises ``Simulation.DoesNotExist``."""
    return simulations_of(account).get(number=number)


def runs_of(simulation: Simulation) -> QuerySet[SimulationRun]:
    """Its runs, the newest first."""
    return SimulationRun.objects.filter(simulation=simulation).order_by("-number")


def run_get(simulation: Simulation, number: int) -> SimulationRun:
    """A run by its number; raises ``SimulationRun.DoesNotExist``."""
    return runs_of(simulation).get(number=number)
