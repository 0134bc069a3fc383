"""Saved simulations: kept, asked again, and their runs compared."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountListView, AccountView
from policystudio.api.bodies import Body
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_version, stale, with_etag
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import NUMBER
from policystudio.engine.request import LONGEST_CONTEXT_VALUE, MOST_CONTEXT_VALUES
from policystudio.simulator import saved, services
from policystudio.simulator.models import Simulation, SimulationRun
from policystudio.simulator.proof_json import VERDICTS
from policystudio.simulator.saved_questions import (
    MOST_REQUESTS,
    PARAMETERS,
    SavedQuestionError,
    SavedRequest,
    saved_question,
)
from policystudio.simulator.saved_runs import Side, compare_runs, lines_of

DECISIONS = ["allowed", "some", "conditional", "explicitDeny", "implicitDeny", "undecided"]
assert set(DECISIONS) == set(VERDICTS.values())  # noqa: S101 -- one list, in the order of the words


class SavedRequestSerializer(Body):
    """A concrete request."""

    principal = serializers.CharField(max_length=2048, help_text="The ARN of an identity of the account.")
    action = serializers.CharField(max_length=256)
    resource = serializers.CharField(required=False, max_length=2048, help_text="An ARN; by default `*`.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `context`, whose name the class has for itself."""
        value = serializers.CharField(max_length=LONGEST_CONTEXT_VALUE, allow_blank=True)
        values = serializers.ListField(child=value, max_length=MOST_CONTEXT_VALUES)
        said = "Context keys with their values; an empty list: the key is absent."
        return {**super().get_fields(), "context": serializers.DictField(child=values, required=False, help_text=said)}


class NewSimulationSerializer(Body):
    """A question to keep."""

    name = serializers.CharField(max_length=200)
    question = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=10_000), max_length=1_000),
        required=False,
        help_text=f"Parameters of the matrix, each with its values: {', '.join(PARAMETERS)}.",
    )
    requests = SavedRequestSerializer(
        many=True,
        required=False,
        help_text=f"Concrete requests, at most {MOST_REQUESTS:,}; without them the question is about the matrix. With "
        "them `question` says what is tried and of when: exclude, add, boundary, at, change.",
    )


class NameSerializer(Body):
    """What can be written of a simulation."""

    name = serializers.CharField(max_length=200)


class SavedSimulationSerializer(NewSimulationSerializer):
    """A saved simulation."""

    number = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Counts up with every write; the ETag.")
    run_count = serializers.IntegerField()
    last_run_at = serializers.DateTimeField(allow_null=True, help_text="Null: it was not run yet.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(source="created_by_name")
    updated_at = serializers.DateTimeField()


class RunInListSerializer(serializers.ModelSerializer):
    """A run, as it stands in a list."""

    run_by = serializers.CharField(source="run_by_name")
    decisions = serializers.SerializerMethodField(help_text="How often there is each decision.")

    class Meta:
        model = SimulationRun
        fields = ["number", "at", "run_by", "account_revision", "organization_revision", "decisions"]
        extra_kwargs: ClassVar = {
            "account_revision": {"help_text": "Of the content that it was worked out of; the same has the same answer."}
        }

    def get_decisions(self, run: SimulationRun) -> dict[str, int]:
        """Counts by decision."""
        return dict(lines_of(run))


class SavedResultSerializer(SavedRequestSerializer):
    """A request with what was decided."""

    decision = serializers.ChoiceField(DECISIONS, allow_null=True, help_text="Null: there was no such identity.")
    reason = serializers.CharField()
    statements = serializers.ListField(child=serializers.CharField(), help_text="Those that matched.")


class AnswersSerializer(serializers.Serializer):
    """What was answered: `results` of requests, or `columns` and `rows` of the matrix."""

    results = SavedResultSerializer(many=True, required=False)
    columns = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Pairs of action and resource type.",
    )
    rows = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="By ARN a letter for each column, as in the matrix."
    )


class SimulationRunSerializer(RunInListSerializer):
    """A run with its answers."""

    answers = AnswersSerializer()

    class Meta(RunInListSerializer.Meta):
        fields = [*RunInListSerializer.Meta.fields, "answers"]


class SideSerializer(serializers.Serializer):
    """What was decided in one of the runs."""

    decision = serializers.ChoiceField(DECISIONS, allow_null=True, help_text="Null: there was no such identity.")
    reason = serializers.CharField(help_text="In words; empty where it cannot be told any more.")


class ChangedSerializer(serializers.Serializer):
    """A decision that is another one."""

    identity = serializers.CharField()
    action = serializers.CharField()
    resource = serializers.CharField(help_text="An ARN, or of the matrix a resource type.")
    before = SideSerializer()
    after = SideSerializer()

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `context`, whose name the class has for itself."""
        values = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "context": serializers.DictField(child=values)}


class PublishedSerializer(serializers.Serializer):
    """A change that was published between the runs."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    published_at = serializers.DateTimeField()


class RunComparisonSerializer(serializers.Serializer):
    """What is different between two runs, and why."""

    changed = ChangedSerializer(many=True)
    same = serializers.IntegerField(help_text="How many decisions are the same.")
    same_content = serializers.BooleanField(help_text="Whether both were worked out of the same content.")
    published = PublishedSerializer(many=True, help_text="The changes that were published between them.")
    imported_at = serializers.DateTimeField(allow_null=True, help_text="When the account was imported between them.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields behind `from`, which is a word of Python, and `to`."""
        runs = {name: serializers.IntegerField(help_text="The number of a run.") for name in ("from", "to")}
        return {**runs, **super().get_fields()}


class SimulationFilter(django_filters.FilterSet):
    """Filters of the list."""

    search = django_filters.CharFilter("name", "icontains", help_text="A part of the name, in any letter case.")
    created_by = django_filters.CharFilter("created_by_name", help_text="The sign-in name of who kept it.")

    class Meta:
        model = Simulation
        fields: ClassVar[list[str]] = []


class RunFilter(django_filters.FilterSet):
    """Filters of the list."""

    run_by = django_filters.CharFilter("run_by_name", help_text="The sign-in name of who asked.")

    class Meta:
        model = SimulationRun
        fields: ClassVar[list[str]] = []


_EXAMPLE = OpenApiExample(
    "Who may delete endpoints",
    value={"name": "Who may delete endpoints", "question": {"action": ["DeleteEndpoint"], "type": ["endpoint"]}},
    request_only=True,
)
_NAME = OpenApiExample("Another name", value={"name": "Who may delete the live endpoint"}, request_only=True)


class Simulations(AccountListView[Simulation]):
    """The saved simulations of an account."""

    queryset = Simulation.objects.none()
    serializer_class = SavedSimulationSerializer
    filterset_class = SimulationFilter
    orders = {"newest": ("-number",), "name": ("name",), "updated_at": ("updated_at",)}

    def get_queryset(self) -> QuerySet[Simulation]:
        """The newest first."""
        return saved.simulations_of(self.account)

    @extend_schema(operation_id="simulations_list", summary="Saved simulations", description="The newest first.")
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="simulations_create",
        summary="Save a simulation",
        description="A question to the matrix, or concrete requests, to be asked again. Every member may.",
        request=NewSimulationSerializer,
        responses={201: SavedSimulationSerializer},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request, number: str) -> Response:
        """Keep it."""
        given = NewSimulationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        requests = [SavedRequest(**one) for one in values.get("requests", ())]
        try:
            asked = saved_question(values.get("question", {}), requests)
            made = services.simulation_create(
                account=self.account, by=self.person, name=values["name"], asked=asked, now=timezone.now()
            )
        except SavedQuestionError as error:
            raise _refused(error) from None
        return with_etag(Response(SavedSimulationSerializer(made).data, status=status.HTTP_201_CREATED), made.version)


class SimulationView(AccountView):
    """An endpoint below `simulations/{simulation}`."""

    def found(self, number: int) -> Simulation:
        """The simulation; 404 where there is none."""
        try:
            return saved.simulation_get(self.account, number)
        except (Simulation.DoesNotExist, OverflowError):
            raise Http404 from None

    def run_of(self, simulation: Simulation, number: int) -> SimulationRun:
        """A run of it; 404 where there is none."""
        try:
            return saved.run_get(simulation, number)
        except (SimulationRun.DoesNotExist, OverflowError):
            raise Http404 from None


class OneSimulation(SimulationView):
    """One saved simulation."""

    http_method_names = ["get", "head", "put", "delete"]

    @extend_schema(operation_id="simulations_get", summary="A saved simulation", responses=SavedSimulationSerializer)
    def get(self, request: Request, number: str, simulation: int) -> Response:
        """With its version as ETag."""
        found = self.found(simulation)
        return with_etag(Response(SavedSimulationSerializer(found).data), found.version)

    @extend_schema(
        operation_id="simulations_update",
        summary="Rename a saved simulation",
        description="Whoever saved it may, and authors. What is asked stays, so that runs can be compared.",
        parameters=[IF_MATCH],
        request=NameSerializer,
        responses={200: SavedSimulationSerializer, **PRECONDITION_PROBLEMS},
        examples=[_NAME],
    )
    def put(self, request: Request, number: str, simulation: int) -> Response:
        """Give it another name."""
        found = self.found(simulation)
        version = expected_version(request, found.version)
        given = NameSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            done = services.simulation_rename(
                simulation=found,
                by=self.person,
                name=given.validated_data["name"],
                expected_version=version,
                now=timezone.now(),
            )
        except services.StaleSimulationError as error:
            raise stale(str(error)) from None
        except SavedQuestionError as error:
            raise _refused(error) from None
        return with_etag(Response(SavedSimulationSerializer(done).data), done.version)

    @extend_schema(
        operation_id="simulations_delete",
        summary="Give a saved simulation up",
        description="With its runs. Whoever saved it may, and authors of the account.",
        parameters=[IF_MATCH],
        responses={204: None, **PRECONDITION_PROBLEMS},
    )
    def delete(self, request: Request, number: str, simulation: int) -> Response:
        """Give it up."""
        found = self.found(simulation)
        version = expected_version(request, found.version)
        try:
            services.simulation_remove(simulation=found, by=self.person, expected_version=version, now=timezone.now())
        except services.StaleSimulationError as error:
            raise stale(str(error)) from None
        return Response(status=status.HTTP_204_NO_CONTENT)


class Runs(SimulationView, AccountListView[SimulationRun]):
    """The runs of a simulation."""

    queryset = SimulationRun.objects.none()
    serializer_class = RunInListSerializer
    filterset_class = RunFilter
    orders = {"newest": ("-number",), "at": ("at",)}

    def get_queryset(self) -> QuerySet[SimulationRun]:
        """The newest first."""
        return saved.runs_of(self.found(self.kwargs["simulation"]))

    @extend_schema(
        operation_id="simulations_runs_list",
        summary="Runs of a simulation",
        description=f"The newest first; the last {services.MOST_RUNS} are kept.",
    )
    def get(self, request: Request, number: str, simulation: int) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="simulations_run",
        summary="Run a simulation again",
        description="The question is asked of the account as it is now, and the answer kept. Every member may.",
        request=None,
        responses={201: SimulationRunSerializer},
    )
    def post(self, request: Request, number: str, simulation: int) -> Response:
        """The run with its answers."""
        try:
            run = services.simulation_run(simulation=self.found(simulation), by=self.person, now=timezone.now())
        except SavedQuestionError as error:
            faults = [Fault(message, place, where="path") for place, message in error.problems]
            raise Refused(faults, status_code=status.HTTP_409_CONFLICT) from None
        return Response(SimulationRunSerializer(run).data, status=status.HTTP_201_CREATED)


class OneRun(SimulationView):
    """One run."""

    @extend_schema(
        operation_id="simulations_runs_get", summary="A run with its answers", responses=SimulationRunSerializer
    )
    def get(self, request: Request, number: str, simulation: int, run: int) -> Response:
        """A run never changes: its number is the ETag."""
        found = self.run_of(self.found(simulation), run)
        return with_etag(Response(SimulationRunSerializer(found).data), found.number)


class CompareRuns(SimulationView):
    """Two runs, side by side."""

    parameters = frozenset({"from", "to"})

    @extend_schema(
        operation_id="simulations_compare",
        summary="What changed between two runs?",
        description="Every decision that is another one, with the reason on both sides, and the changes that were "
        "published between them. By default the last two runs.",
        parameters=[
            OpenApiParameter("from", NUMBER, description="The number of the earlier run."),
            OpenApiParameter("to", NUMBER, description="The number of the later run."),
        ],
        responses=RunComparisonSerializer,
    )
    def get(self, request: Request, number: str, simulation: int) -> Response:
        """The comparison."""
        found = self.found(simulation)
        runs = [_run_number(request, name) for name in ("from", "to")]
        if None in runs:
            last = list(saved.runs_of(found).values_list("number", flat=True)[:2])
            runs = [one if one is not None else given for one, given in zip(runs, reversed(last), strict=False)]
        if len(runs) < 2:
            faults = [Fault("run the simulation twice first, then compare", "to", where="query")]
            raise Refused(faults, status_code=status.HTTP_409_CONFLICT)
        earlier, later = (self.run_of(found, one or 0) for one in runs)
        told = compare_runs(found, earlier, later)
        return Response(
            {
                "from": earlier.number,
                "to": later.number,
                "changed": [
                    {
                        "identity": one.identity,
                        "action": one.action,
                        "resource": one.resource,
                        "context": {key: list(values) for key, values in one.context.items()},
                        "before": _side(one.before),
                        "after": _side(one.after),
                    }
                    for one in told.changed
                ],
                "same": told.same,
                "same_content": told.same_content,
                "published": PublishedSerializer(told.published, many=True).data,
                "imported_at": told.read_at,
            }
        )


def _side(side: Side) -> dict[str, Any]:
    return {"decision": side.decision, "reason": side.reason}


def _run_number(request: Request, name: str) -> int | None:
    written = request.query_params.get(name)
    if written is None:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise Refused([Fault("must be the number of a run", name, where="query")])
    return int(written)


def _refused(error: SavedQuestionError) -> Refused:
    return Refused(Fault(message, place) for place, message in error.problems)
