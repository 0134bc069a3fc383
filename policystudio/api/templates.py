"""Templates of policies, and what they make of parameters in the body."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import ApiView
from policystudio.api.paging import PAGE_PARAMETERS, page_of
from policystudio.api.policy_shapes import closed
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import ShapedField, form
from policystudio.api.validation import PolicyFindingSerializer
from policystudio.policies.templates.answers import details_as_json, rendered_as_json, template_as_json
from policystudio.policies.templates.library import TEMPLATES, UnknownTemplate, template_of
from policystudio.policies.templates.parameters import PARAMETERS, ParameterError
from policystudio.policies.templates.template import Group, Template

GROUPS = [str(group) for group in Group]
ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The template's id.", enum=list(TEMPLATES))


_REGION = "(eu-(west|central)-1|us-(east|west)-[12]|ap-southeast-[12]|ca-central-1|sa-east-1)"
_HEX = "[0-9a-f]"
_FORMS = {
    "account": "[0-9]{12}",
    "partition": "aws|aws-cn|aws-us-gov",
    "regions": _REGION,
    "name-prefix": "[a-z0-9][a-z0-9-]{0,39}",
    "tag": "[B-Zb-z][A-Za-z0-9_.:/+@-]{0,127}=[A-Za-z0-9_.:/=+@-]{1,256}",
    "subnets": f"subnet-({_HEX}{{8}}|{_HEX}{{17}})",
    "security-groups": f"sg-({_HEX}{{8}}|{_HEX}{{17}})",
    "kms-keys": rf"arn:[a-z-]+:kms:{_REGION}:[0-9]{{12}}:key/"
    rf"({_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}|mrk-{_HEX}{{32}})",
    "roles": "arn:[a-z-]+:iam::[0-9]{12}:role/([A-Za-z0-9_+=,.@-]+/)?[A-Za-z0-9_+=,.@-]{1,64}",
    "buckets": "[a-wyz0-9][a-z0-9-]{1,61}[a-z0-9]",
    "repositories": rf"arn:[a-z-]+:ecr:{_REGION}:[0-9]{{12}}:repository/[a-z0-9]+([._/-][a-z0-9]+)*",
    "profile-tag": "[B-Zb-z][A-Za-z0-9_.:/+@-]{0,127}",
}
#: The forms that values have; those of Regions and the like are more than stand here.
PARAMETER_SHAPES = closed(
    {
        name: {**form(_FORMS[name]), "type": ["string", "array"], "items": form(_FORMS[name]), "maxItems": one.most}
        for name, one in PARAMETERS.items()
    }
)


class TemplateParameterSerializer(serializers.Serializer):
    """A parameter that a template takes."""

    name = serializers.ChoiceField(list(PARAMETERS))
    title = serializers.CharField()
    example = serializers.CharField()
    most = serializers.IntegerField(help_text="How many values it takes.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and those whose names the class has for itself."""
        help_field = serializers.CharField(help_text="What it is for.")
        required = serializers.BooleanField(help_text="Whether it must be given.")
        return {**super().get_fields(), "help": help_field, "required": required}


class TemplateSerializer(serializers.Serializer):
    """A template."""

    id = serializers.CharField()
    version = serializers.IntegerField(help_text="Counts up whenever its documents change.")
    title = serializers.CharField()
    group = serializers.ChoiceField(GROUPS)
    can = serializers.CharField(help_text="Completes `Whoever has it can`; for execution roles `SageMaker can`.")
    activities = serializers.ListField(child=serializers.CharField(), help_text="The activities it is made of.")
    parameters = TemplateParameterSerializer(many=True)
    one_of = serializers.ListField(
        child=serializers.CharField(), help_text="Parameters of which one must be given; empty where there are none."
    )


class TemplatesSerializer(serializers.Serializer):
    """All templates."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    results = TemplateSerializer(many=True)


class TemplateCellSerializer(serializers.Serializer):
    """An action of SageMaker on a resource type."""

    action = serializers.CharField()
    resource_type = serializers.CharField(help_text="`*` for an action without a resource.")


class TemplatePromiseSerializer(serializers.Serializer):
    """Something that the template says that one can do, or cannot."""

    can = serializers.BooleanField()
    said = serializers.CharField()
    action = serializers.CharField()


class TriedPromiseSerializer(TemplatePromiseSerializer):
    """A promise as it was tried with the parameters."""

    resource = serializers.CharField()
    kept = serializers.BooleanField()


class TemplateDetailsSerializer(TemplateSerializer):
    """A template with everything that its documents may allow."""

    sagemaker = TemplateCellSerializer(many=True, help_text="Every action of SageMaker that its documents may allow.")
    other_services = serializers.ListField(child=serializers.CharField(), help_text="Those of other services.")
    promises = TemplatePromiseSerializer(many=True)


class TemplateDocumentSerializer(serializers.Serializer):
    """A policy document, within the quota of a managed policy."""

    text = serializers.CharField()
    size = serializers.IntegerField(help_text="Its characters without white space, as IAM counts.")
    about = serializers.ListField(child=serializers.CharField())
    findings = PolicyFindingSerializer(many=True)


class RenderedTemplateSerializer(serializers.Serializer):
    """What a template makes of parameters."""

    template = serializers.CharField()
    version = serializers.IntegerField()
    parameters = serializers.DictField(help_text="As they were understood: a text, or a list of texts.")
    documents = TemplateDocumentSerializer(many=True)
    trust_policy = serializers.CharField(allow_null=True, help_text="Of an execution role.")
    promises = TriedPromiseSerializer(many=True)
    left_out = TemplateCellSerializer(
        many=True, help_text="What a tag alone cannot hold, so that it needs a name prefix."
    )


class TemplateRenderSerializer(serializers.Serializer):
    """The parameters."""

    parameters = ShapedField(
        PARAMETER_SHAPES,
        help_text="By name: a text, or a list of texts of a parameter that takes several. The template tells which.",
    )


EXAMPLE: dict[str, Any] = {
    "parameters": {
        "account": "111122223333",
        "regions": ["eu-west-1"],
        "buckets": ["churn-data"],
        "kms-keys": [PARAMETERS["kms-keys"].example],
    }
}


class Templates(ApiView):
    """All of them."""

    parameters = frozenset({"limit", "cursor"})

    @extend_schema(
        summary="Templates",
        parameters=PAGE_PARAMETERS,
        responses=TemplatesSerializer,
        operation_id="templates_list",
    )
    def get(self, request: Request) -> Response:
        """Personas, execution roles and activities, with the parameters of each."""
        return Response(page_of(request, "templates", {one.id: template_as_json(one) for one in TEMPLATES.values()}))


class OneTemplate(ApiView):
    """One of them."""

    @extend_schema(
        summary="A template", parameters=[ID], responses=TemplateDetailsSerializer, operation_id="templates_retrieve"
    )
    def get(self, _request: Request, id: str) -> Response:
        """The template with everything that its documents may allow, and what it promises."""
        return Response(details_as_json(_template(id)))


class RenderTemplate(ApiView):
    """What one makes."""

    computes_only = True
    throttle_scope = "compare"

    @extend_schema(
        summary="Make policies from a template",
        description="The policy documents that the template makes of the parameters, with their findings, for an "
        "execution role its trust policy, and each promise of the template as it was tried. Nothing is kept.",
        parameters=[ID],
        request=TemplateRenderSerializer,
        responses=RenderedTemplateSerializer,
        operation_id="templates_render",
        examples=[OpenApiExample("A role for training jobs", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request, id: str) -> Response:
        """The documents."""
        template = _template(id)
        given = _parameters(request.data)
        try:
            return Response(rendered_as_json(template, template.render(given)))
        except ParameterError as error:
            faults = (
                Fault(message, f"parameters.{name}" if name else "parameters") for name, message in error.problems
            )
            raise Refused(faults) from None


def _template(name: str) -> Template:
    try:
        return template_of(name)
    except UnknownTemplate as error:
        raise NotFound(str(error)) from None


def _parameters(body: Any) -> dict[str, str | list[str]]:
    if not isinstance(body, dict):
        raise Refused([Fault("must be an object with `parameters`")])
    faults = [Fault("unknown input: there is parameters", str(name)) for name in body if name != "parameters"]
    given = body.get("parameters")
    if not isinstance(given, dict):
        faults.append(Fault("must be an object: the parameters by name", "parameters"))
    else:
        faults += [
            Fault("must be a text or a list of texts", f"parameters.{name}")
            for name, value in given.items()
            if not (isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value)))
        ]
    if faults or not isinstance(given, dict):
        raise Refused(faults)
    return {str(name): value for name, value in given.items()}
