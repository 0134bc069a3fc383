"""Expectations of an account: kept here, and run on what it is or on what a change would make it."""

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Role
from policystudio.api.access import AccountListView, AccountView
from policystudio.api.bodies import Body
from policystudio.api.compare import ExampleRequestSerializer
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_version, stale, with_etag
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import NUMBER
from policystudio.changes import services
from policystudio.changes.models import Change, Expectation
from policystudio.changes.selectors import change_get, expectation_get, expectations_of
from policystudio.engine.request import LONGEST_CONTEXT_VALUE, MOST_CONTEXT_VALUES
from policystudio.lib.said import Absent
from policystudio.simulator.expectation_answers import expectation_as_json, run, run_as_json, run_change
from policystudio.simulator.expectations import Kept

DEMANDS = [str(one) for one in Expectation.Demand.values]
KEPT = [str(one) for one in Kept]
_PROBLEMS = PRECONDITION_PROBLEMS


class ExpectationTextSerializer(Body):
    """An expectation as it is written; `identity` or `tag_key`, not both."""

    demand = serializers.ChoiceField(DEMANDS, help_text="`must`: with this context it is allowed. `never`: with none.")
    identity = serializers.CharField(
        required=False, allow_blank=True, max_length=2048, help_text="The ARN of a user, group, role or the root user."
    )
    tag_key = serializers.CharField(
        required=False, allow_blank=True, max_length=128, help_text="Every user and role with this tag."
    )
    tag_value = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=256, help_text="Null: whatever its value."
    )
    action = serializers.CharField(max_length=256, help_text="An action, with or without wildcards.")
    resource = serializers.CharField(max_length=2048, help_text="An ARN, with or without wildcards, or `*`.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000, help_text="Why, for people.")

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """About one identity, or all with a tag."""
        empty = {"maxLength": 0}
        ways = [
            {"required": ["identity"], "properties": {"identity": {"minLength": 1}, "tag_key": empty}},
            {"required": ["tag_key"], "properties": {"tag_key": {"minLength": 1}, "identity": empty}},
        ]
        return {**schema, "anyOf": ways}

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `context`, whose name the class has for itself."""
        value = serializers.CharField(max_length=LONGEST_CONTEXT_VALUE, allow_blank=True)
        values = serializers.ListField(child=value, max_length=MOST_CONTEXT_VALUES)
        said = "Context keys with their values; an empty list: the key is absent."
        return {**super().get_fields(), "context": serializers.DictField(child=values, required=False, help_text=said)}


class ExpectationSerializer(ExpectationTextSerializer):
    """An expectation."""

    id = serializers.IntegerField()
    sentence = serializers.CharField(help_text="The whole of it in words.")
    version = serializers.IntegerField(help_text="Counts up with every write; the ETag.")
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField()


class ExpectationFilter(django_filters.FilterSet):
    """Filters of the list."""

    demand = django_filters.ChoiceFilter(choices=Expectation.Demand.choices, help_text="Only those that demand this.")
    identity = django_filters.CharFilter(help_text="Only those of the identity with this ARN.")
    action = django_filters.CharFilter(help_text="Only those of this action, written as they have it.")

    class Meta:
        model = Expectation
        fields: ClassVar[list[str]] = []


class BreachSerializer(serializers.Serializer):
    """An identity for which it is broken or undecided."""

    identity = serializers.CharField()
    state = serializers.ChoiceField(KEPT)
    example = ExampleRequestSerializer(allow_null=True, help_text="A request that shows it.")
    why = serializers.CharField(help_text="In words, where there is no request.")


class RunLineSerializer(serializers.Serializer):
    """What became of one expectation."""

    account = serializers.CharField()
    expectation = ExpectationSerializer()
    state = serializers.ChoiceField(KEPT)
    before = serializers.ChoiceField(KEPT, allow_null=True, help_text="Before the change; null where none is tried.")
    identities = serializers.IntegerField(help_text="Of how many identities it is.")
    note = serializers.CharField(help_text="Where there is no such identity; else empty.")
    breaches = BreachSerializer(many=True)


class RunSerializer(serializers.Serializer):
    """A run: `state` is the worst of all."""

    state = serializers.ChoiceField(KEPT)
    sentence = serializers.CharField()
    expectations = RunLineSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="Edits that cannot be applied.")


_EXAMPLE = OpenApiExample(
    "Nobody may delete the live endpoint",
    value={
        "demand": "never",
        "tag_key": "team",
        "tag_value": "data-science",
        "action": "sagemaker:DeleteEndpoint",
        "resource": "arn:aws:sagemaker:eu-west-1:444455556666:endpoint/churn",
        "reason": "It serves the shop.",
    },
    request_only=True,
)


class Expectations(AccountListView[Expectation]):
    """The expectations of an account."""

    queryset = Expectation.objects.none()
    serializer_class = ExpectationSerializer
    filterset_class = ExpectationFilter
    orders = {"oldest": ("pk",), "action": ("action",), "updated_at": ("updated_at",)}
    writing_role = Role.AUTHOR

    def get_queryset(self) -> QuerySet[Expectation]:
        """The oldest first."""
        return expectations_of(self.account)

    def row_of(self, row: Expectation) -> dict[str, Any]:
        """With its sentence."""
        return expectation_as_json(row)

    @extend_schema(
        operation_id="expectations_list",
        summary="The expectations of an account",
        description="The oldest first.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="expectations_create",
        summary="Keep an expectation",
        description="From now on every change of the account shows whether it is kept. This needs the role author.",
        request=ExpectationTextSerializer,
        responses={201: ExpectationSerializer},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request, number: str) -> Response:
        """Keep a new one."""
        try:
            made = services.expectation_create(account=self.account, by=self.person, wanted=_wanted(request))
        except services.ExpectationError as error:
            raise _refused(error) from None
        response = Response(expectation_as_json(made), status=status.HTTP_201_CREATED)
        return with_etag(response, made.version)


class OneExpectation(AccountView):
    """One expectation."""

    http_method_names = ["get", "head", "put", "delete"]

    writing_role = Role.AUTHOR

    @extend_schema(
        operation_id="expectations_get",
        summary="One expectation",
        description="With its version as ETag.",
        responses=ExpectationSerializer,
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One of them."""
        found = self._found(id)
        return with_etag(Response(expectation_as_json(found)), found.version)

    @extend_schema(
        operation_id="expectations_update",
        summary="Write an expectation anew",
        description="All of it; what is left out is empty. This needs the role author.",
        parameters=[IF_MATCH],
        request=ExpectationTextSerializer,
        responses={200: ExpectationSerializer, **_PROBLEMS},
        examples=[_EXAMPLE],
    )
    def put(self, request: Request, number: str, id: int) -> Response:
        """Write it anew."""
        found = self._found(id)
        version = expected_version(request, found.version)
        try:
            written = services.expectation_update(
                expectation=found, by=self.person, expected_version=version, wanted=_wanted(request)
            )
        except services.ExpectationError as error:
            raise _refused(error) from None
        except services.StaleExpectationError as error:
            raise stale(str(error)) from None
        return with_etag(Response(expectation_as_json(written)), written.version)

    @extend_schema(
        operation_id="expectations_delete",
        summary="Give an expectation up",
        description="This needs the role author.",
        parameters=[IF_MATCH],
        responses={204: None, **_PROBLEMS},
    )
    def delete(self, request: Request, number: str, id: int) -> Response:
        """Give it up."""
        found = self._found(id)
        version = expected_version(request, found.version)
        try:
            services.expectation_remove(expectation=found, by=self.person, expected_version=version)
        except services.StaleExpectationError as error:
            raise stale(str(error)) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _found(self, pk: int) -> Expectation:
        try:
            return expectation_get(self.account, pk)
        except (Expectation.DoesNotExist, OverflowError):
            raise Http404 from None


class RunExpectations(AccountView):
    """Are they kept?"""

    parameters = frozenset({"change"})

    @extend_schema(
        operation_id="expectations_run",
        summary="Are the expectations kept?",
        description="In the account as it is, or as one of its changes would make it: then also whether each was kept "
        "before, and the expectations of the other accounts that the change's organization policies reach. `state` is "
        "the worst of all; a pipeline goes on with `kept` alone.",
        parameters=[OpenApiParameter("change", NUMBER, description="The number of a change of the account.")],
        responses=RunSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """Run them."""
        written = request.query_params.get("change")
        if written is None:
            return Response(run_as_json(run(self.account)))
        try:
            found = change_get(self.account, int(written))
        except (ValueError, OverflowError):
            raise Refused([Fault("must be the number of a change", "change", where="query")]) from None
        except Change.DoesNotExist:
            raise Refused([Fault(Absent(f"there is no change {written}"), "change", where="query")]) from None
        return Response(run_as_json(run_change(found, self.visible_accounts())))


def _wanted(request: Request) -> services.Wanted:
    given = ExpectationTextSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(given.validated_data)
    return services.Wanted(**values)


def _refused(error: services.ExpectationError) -> Refused:
    return Refused(Fault(message, name) for name, message in error.problems)
