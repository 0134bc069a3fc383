"""Saved simulations: a question that is asked again and again, and what it was answered each time."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from policystudio.accounts.models import Account


class Simulation(models.Model):
    """A question about an account, numbered 1, 2, … there, that was kept under a name.

    ``question`` holds the parameters of the simulator's address, each with its values. Without ``requests`` it is about
    the cells of the matrix; else it is about these concrete requests (``saved_questions.SavedRequest``), and only what
    is tried and the moment count of the parameters. ``version`` counts up with every write.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="simulations")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    question = models.JSONField(default=dict, blank=True)
    requests = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="simulations"
    )
    created_by_name = models.CharField(max_length=150)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["account", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="simulation_number_once_an_account"),
            models.CheckConstraint(condition=~Q(name=""), name="simulation_has_a_name"),
            models.CheckConstraint(condition=Q(number__gte=1), name="simulation_number_begins_at_one"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.name}"


class SimulationRun(models.Model):
    """One answer to a simulation, numbered 1, 2, … there; ``at`` is the moment that it is of.

    ``account_revision`` and ``organization_revision`` are those of the content that it was worked out of: where they
    are the same, so is the answer. ``answers`` is as ``saved_runs`` makes it.
    """

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    run_by_name = models.CharField(max_length=150)
    account_revision = models.CharField(max_length=36)
    organization_revision = models.CharField(max_length=36, blank=True)
    answers = models.JSONField()

    class Meta:
        ordering = ["simulation", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["simulation", "number"], name="simulation_run_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="simulation_run_number_begins_at_one"),
        ]

    def __str__(self) -> str:
        return f"run {self.number} of {self.simulation}"
