"""Drafts of changes from templates, and the policies that were made from them."""

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account, Role
from policystudio.api.access import AccountListView, AccountView
from policystudio.api.bodies import Body
from policystudio.api.change_answers import CONFLICT, WholeChangeSerializer, refusals, whole_as_json
from policystudio.api.preconditions import with_etag
from policystudio.api.problems import Fault, Refused
from policystudio.api.templates import PARAMETER_SHAPES
from policystudio.api.texts import ShapedField
from policystudio.changes import services
from policystudio.changes.models import Change
from policystudio.lib.said import Absent
from policystudio.policies import selectors
from policystudio.policies.models import TemplateUse
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.parameters import ParameterError
from policystudio.policies.templates.template import Template

USE_KINDS = [str(one) for one in TemplateUse.Kind.values]


class TemplateUseSerializer(serializers.ModelSerializer):
    """A policy that was made from a template."""

    id = serializers.IntegerField(source="pk", help_text="For making it anew.")
    kind = serializers.ChoiceField(USE_KINDS)
    parameters = serializers.DictField(help_text="With which it was made.")

    class Meta:
        model = TemplateUse
        fields = ["id", "kind", "target", "name", "template", "version", "part", "parameters", "updated_at"]
        extra_kwargs: ClassVar = {
            "target": {"help_text": "The ARN of the policy, or of the identity that has it."},
            "name": {"help_text": "Of an inline policy."},
            "version": {"help_text": "Of the template, by which it was made."},
            "part": {"help_text": "Which of the documents that the template made it is."},
        }


class TemplateUseFilter(django_filters.FilterSet):
    """Filters of the list."""

    template = django_filters.CharFilter(help_text="The template's id.")
    target = django_filters.CharFilter(help_text="The ARN of the policy, or of the identity that has it.")

    class Meta:
        model = TemplateUse
        fields: ClassVar[list[str]] = []


class TemplateDraftSerializer(Body):
    """What is to be made of which template: new policies by `template` and `name`, or those of a `use` anew."""

    template = serializers.ChoiceField(list(TEMPLATES), required=False, help_text="The template's id.")
    use = serializers.IntegerField(required=False, min_value=1, help_text="The `id` of a linked policy to make anew.")
    parameters = ShapedField(
        PARAMETER_SHAPES, help_text="As for `templates/{id}/render`; account and partition are known."
    )
    name = serializers.CharField(
        required=False, max_length=64, help_text="Of the new policies, and of the role where the template makes one."
    )
    path = serializers.CharField(required=False, max_length=512, help_text="Their path; by default `/`.")
    attach_to = serializers.CharField(
        required=False, allow_blank=True, max_length=2048, help_text="The ARN of the identity that gets the policies."
    )

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A template by its id, with a name for what it makes, or what was made before."""
        ways = [
            {"required": ["template", "name"], "not": {"required": ["use"]}},
            {"required": ["use"], "not": {"required": ["template"]}},
        ]
        return {**schema, "anyOf": ways}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("template" in attrs) is ("use" in attrs):
            raise serializers.ValidationError({"template": "write either `template` or `use`"})
        if "template" in attrs and "name" not in attrs:
            raise serializers.ValidationError({"name": "is missing: name the new policies"})
        return attrs


class TemplateUses(AccountListView[TemplateUse]):
    """The policies of an account that were made from templates."""

    queryset = TemplateUse.objects.none()
    serializer_class = TemplateUseSerializer
    filterset_class = TemplateUseFilter
    orders = {"template": ("template", "target", "name"), "target": ("target", "name"), "updated_at": ("updated_at",)}

    def get_queryset(self) -> QuerySet[TemplateUse]:
        """By template."""
        return selectors.template_uses_of(self.account)

    @extend_schema(
        operation_id="template_uses_list",
        summary="Policies from templates",
        description="Which policies were made from which template, and with which parameters.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)


class TemplateDrafts(AccountView):
    """A draft of what a template makes."""

    needed_role = Role.AUTHOR
    throttle_scope = "compare"

    @extend_schema(
        operation_id="template_drafts_create",
        summary="Draft what a template makes",
        description="A change with the policies, for an execution role the role that has them; or with a linked policy "
        "and all that was made together with it, made anew. This needs the role author.",
        request=TemplateDraftSerializer,
        responses={201: WholeChangeSerializer, **CONFLICT},
        examples=[
            OpenApiExample(
                "A role for training jobs",
                value={"template": "execution-training", "name": "train", "parameters": {"buckets": ["churn-data"]}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, number: str) -> Response:
        """The draft."""
        given = TemplateDraftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        use = self._use(values.get("use"))
        template = TEMPLATES.get(values["template"] if use is None else use.template)
        if template is None:
            raise Refused([Fault("was made from a template that there is not any more", "use")])
        parameters = _parameters(values["parameters"], self.account)
        try:
            with refusals():
                made = self._made(template, use, parameters, values)
        except ParameterError as error:
            raise Refused(
                Fault(message, f"parameters.{name}" if name else "parameters") for name, message in error.problems
            ) from None
        return with_etag(Response(whole_as_json(made), status=status.HTTP_201_CREATED), made.version)

    def _made(
        self, template: Template, use: TemplateUse | None, parameters: dict[str, Any], values: dict[str, Any]
    ) -> Change:
        if use is not None:
            return services.template_redraft(use=use, by=self.person, template=template, given=parameters)
        return services.template_draft(
            account=self.account,
            by=self.person,
            template=template,
            given=parameters,
            name=values["name"],
            path=values.get("path", "/"),
            attach_to=values.get("attach_to", ""),
        )

    def _use(self, pk: int | None) -> TemplateUse | None:
        if pk is None:
            return None
        try:
            return selectors.template_use_get(self.account, pk)
        except (TemplateUse.DoesNotExist, OverflowError):
            raise Refused(
                [Fault(Absent(f"the account has no policy from a template with the id {pk}"), "use")]
            ) from None


def _parameters(given: dict[str, Any], account: Account) -> dict[str, Any]:
    faults = [
        Fault("must be a text or a list of texts", f"parameters.{name}")
        for name, value in given.items()
        if not (isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value)))
    ]
    if faults:
        raise Refused(faults)
    return {**given, "account": account.number, "partition": account.partition}
