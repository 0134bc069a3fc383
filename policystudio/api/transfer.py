"""Policies and changes in the formats of other tools, and files of theirs as a draft."""

from collections.abc import Mapping
from typing import IO, Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account, Role
from policystudio.accounts.selectors import policies_above
from policystudio.api.access import AccountView
from policystudio.api.policies import PolicyView
from policystudio.api.problems import Fault, Refused
from policystudio.audit import services as audit
from policystudio.changes import selectors
from policystudio.changes.models import Change as ChangeRow
from policystudio.changes.services import EditError
from policystudio.changes.transfer import (
    Effect,
    arrival_import,
    arrival_of,
    as_change,
    as_identity,
    as_managed_policy,
    as_organization_policy,
    formats_for,
    report_as_json,
    written_as,
)
from policystudio.identities.selectors import identities_of
from policystudio.interchange.edits import Change, NotExpressibleError
from policystudio.interchange.values import ReadError
from policystudio.policies.selectors import versions_of

EFFECTS = [str(effect) for effect in Effect]
OF_CHANGE = [one.ending for one in formats_for(is_single=False)]
OF_POLICY = [one.ending for one in formats_for(is_single=True)]
_YES_OR_NO = {"true": True, "false": False}
_FILES = {
    (200, "application/json"): OpenApiTypes.OBJECT,
    (200, "application/yaml"): OpenApiTypes.ANY,
    (200, "text/x-shellscript"): OpenApiTypes.STR,
}


class TextParser(BaseParser):
    """A body that is the file itself, as bytes."""

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The bytes."""
        return stream.read()


class OwnFormat(DefaultContentNegotiation):
    """For endpoints that have a parameter ``format`` of their own, which REST framework would take for a renderer."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Errors are in JSON, whatever the format of the file."""
        return renderers[0], renderers[0].media_type


class UnknownSerializer(serializers.Serializer):
    """Something in a text that could not be worked out; it stands there as `<name>`."""

    name = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    column = serializers.IntegerField(allow_null=True)


class OriginSerializer(serializers.Serializer):
    """A resource of the file."""

    name = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    column = serializers.IntegerField(allow_null=True)


class LeftOutSerializer(OriginSerializer):
    """A resource of which no edit was made."""

    why = serializers.CharField()


class ImportItemSerializer(serializers.Serializer):
    """An edit that the file comes to."""

    number = serializers.IntegerField(help_text="For `items`.")
    effect = serializers.ChoiceField(EFFECTS, help_text="What it would do in the account as it is.")
    kind = serializers.CharField()
    target = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    other = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    problem = serializers.CharField(allow_null=True, help_text="Why it cannot be imported.")
    unknown = UnknownSerializer(many=True, help_text="Where it is not empty, the text is no JSON yet.")
    remarks = serializers.ListField(child=serializers.CharField())
    origin = OriginSerializer()

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `data`, whose name the class has for itself."""
        data = serializers.DictField(help_text="Tags, the path of a new policy, the kind of an organization policy.")
        return {**super().get_fields(), "data": data}


class ImportReportSerializer(serializers.Serializer):
    """What a file would create or change."""

    format = serializers.CharField()
    title = serializers.CharField()
    items = ImportItemSerializer(many=True)
    left_out = LeftOutSerializer(many=True)
    passed_over = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Kinds of resource of other services, which are not read, with their number.",
    )
    change = serializers.IntegerField(allow_null=True, help_text="The number of the draft; null where none was made.")


def _format(endings: list[str]) -> OpenApiParameter:
    return OpenApiParameter("format", str, enum=endings, description="The format; by default `json`.")


def _file(request: Request, account: Account, change: Change, endings: list[str], name: str) -> HttpResponse:
    """The file; ``name`` is that of its noun and its number, such as ``policy-7``."""
    ending = request.query_params.get("format", "json")
    if ending not in endings:
        raise Refused([Fault(f"must be one of {', '.join(endings)}", "format", where="query")])
    try:
        form, written = written_as(change, ending)
    except NotExpressibleError as error:
        faults = [Fault(note, "format", where="query") for note in error.notes]
        raise Refused(faults, status_code=status.HTTP_422_UNPROCESSABLE_ENTITY) from None
    audit.record_export(
        actor=cast("AbstractBaseUser", request.user),
        action=f"{name.partition('-')[0]}.exported",
        target=name,
        account=account.number,
        details={"format": ending, "title": change.title},
    )
    response = HttpResponse(written.text, content_type=form.media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


class PolicyExport(PolicyView):
    """A managed policy as a file."""

    content_negotiation_class = OwnFormat
    parameters = frozenset({"format", "version"})

    @extend_schema(
        operation_id="policies_export",
        summary="A policy in the format of another tool",
        description="The policy with what it is attached to, as JSON, AWS CLI commands, Terraform or CloudFormation; "
        "or its document alone, exactly as it is (`policy.json`).",
        parameters=[
            _format(OF_POLICY),
            OpenApiParameter("version", str, description="Such as `v3`; by default the one in force."),
        ],
        responses=_FILES,
    )
    def get(self, request: Request, number: str, id: int) -> HttpResponse:
        """The file."""
        wanted = request.query_params.get("version", "")
        version = next((one for one in versions_of(self.policy) if wanted in (one.version_id, "")), None)
        if wanted and version is None:
            raise Http404
        return _file(request, self.account, as_managed_policy(self.policy, version), OF_POLICY, f"policy-{id}")


class ChangeExport(AccountView):
    """A change as a file."""

    content_negotiation_class = OwnFormat
    parameters = frozenset({"format"})

    @extend_schema(
        operation_id="changes_export",
        summary="A change in the format of another tool",
        description="All edits of a change, as JSON, AWS CLI commands, Terraform or CloudFormation. What a format "
        "cannot say is told in the file: in comments, or in the metadata of the template.",
        parameters=[_format(OF_CHANGE)],
        responses=_FILES,
    )
    def get(self, request: Request, number: str, change: int) -> HttpResponse:
        """The file."""
        try:
            row = selectors.change_get(self.account, change)
        except ChangeRow.DoesNotExist:
            raise Http404 from None
        return _file(request, self.account, as_change(row), OF_CHANGE, f"change-{change}")


class IdentityExport(AccountView):
    """An identity as a file; ``kind`` says of which kind."""

    content_negotiation_class = OwnFormat
    parameters = frozenset({"format"})
    kind: ClassVar[str]

    def get(self, request: Request, number: str, name: str) -> HttpResponse:
        """The file."""
        found = identities_of(self.account, kind=self.kind).filter(name__iexact=name).first()
        if found is None:
            raise Http404
        return _file(request, self.account, as_identity(self.account, found.arn), OF_CHANGE, f"{self.kind}-{found.pk}")


def _identity_export(kind: str) -> type[IdentityExport]:
    schema = extend_schema(
        operation_id=f"{kind}s_export",
        summary=f"A {kind} in the format of another tool",
        description="With its inline policies, boundary, attachments and groups, as JSON, AWS CLI commands, Terraform "
        "or CloudFormation.",
        parameters=[_format(OF_CHANGE)],
        responses=_FILES,
    )
    body = {"__doc__": f"A {kind} as a file.", "__module__": __name__, "kind": kind}
    view = type(f"{kind.capitalize()}Export", (IdentityExport,), body)
    return extend_schema_view(get=schema)(view)


UserExport = _identity_export("user")
GroupExport = _identity_export("group")
RoleExport = _identity_export("role")


class OrganizationPolicyExport(AccountView):
    """An organization policy as a file."""

    content_negotiation_class = OwnFormat
    parameters = frozenset({"format"})

    @extend_schema(
        operation_id="organization_policies_export",
        summary="An organization policy in the format of another tool",
        description="One that stands above the account, as `policies/{id}/export` gives its managed policies.",
        parameters=[_format(OF_POLICY)],
        responses=_FILES,
    )
    def get(self, request: Request, number: str, policy: str) -> HttpResponse:
        """The file."""
        organization = self.account.organization
        mine = self.visible_accounts().filter(pk=self.account.pk)
        found = policies_above(mine, organization).filter(policy_id=policy).first() if organization else None
        if found is None:
            raise Http404
        change = as_organization_policy(self.account, found)
        return _file(request, self.account, change, OF_POLICY, f"organization-policy-{found.pk}")


class ChangesImport(AccountView):
    """A file of another tool as a draft."""

    needed_role = Role.AUTHOR
    parameters = frozenset({"filename", "region", "value", "item", "title", "dry_run"})
    parser_classes = [TextParser]
    body_limit = settings.TEMPLATE_LIMIT
    throttle_scope = "compare"

    @extend_schema(
        operation_id="changes_import",
        summary="Import a file into a draft",
        description="The body is a file of Terraform (`.tf` or `.tf.json`) or CloudFormation (JSON or YAML), or a "
        "change that left as JSON. A draft is made of what it would create, change or remove and of which everything "
        "is known, or of the items that are named. With `dry_run` nothing is written.",
        parameters=[
            OpenApiParameter("filename", str, description="The file's name; `.tf` and `.yaml` tell its format."),
            OpenApiParameter("region", str, description="What `AWS::Region` and `data.aws_region` stand for."),
            OpenApiParameter(
                "value", str, many=True, description="`name=value` of a variable or parameter; may be repeated."
            ),
            OpenApiParameter("item", int, many=True, description="An item to take; may be repeated."),
            OpenApiParameter("title", str, description="Of the draft."),
            OpenApiParameter("dry_run", bool, description="Only say what is in the file; false."),
        ],
        request={"text/plain": OpenApiTypes.STR},
        responses={200: ImportReportSerializer, 201: ImportReportSerializer},
    )
    def post(self, request: Request, number: str) -> Response:
        """The report, with the draft's number."""
        query = request.query_params
        is_dry = query.get("dry_run", "false").lower()
        numbers = query.getlist("item")
        faults = []
        if is_dry not in _YES_OR_NO:
            faults.append(Fault("must be true or false", "dry_run", where="query"))
        if any(not (one.isascii() and one.isdigit() and len(one) < 7) for one in numbers):
            faults.append(Fault("must be the number of an item", "item", where="query"))
        values = dict(one.split("=", 1) for one in query.getlist("value") if "=" in one)
        if len(values) != len(query.getlist("value")):
            faults.append(Fault("write name=value, each name once", "value", where="query"))
        if faults:
            raise Refused(faults)
        try:
            arrival = arrival_of(
                self.account,
                request.data if isinstance(request.data, bytes) else b"",
                filename=query.get("filename", "")[:200],
                region=query.get("region", ""),
                values=values,
            )
            if _YES_OR_NO[is_dry]:
                return Response(report_as_json(arrival, None))
            chosen = [int(one) for one in numbers] or arrival.whole
            change = arrival_import(arrival=arrival, by=self.person, numbers=chosen, title=query.get("title", ""))
        except ReadError as error:
            place = error.place
            raise Refused([Fault(error.message, line=place.line or None, column=place.column)]) from None
        except EditError as error:
            raise Refused([Fault(str(error))], status_code=status.HTTP_422_UNPROCESSABLE_ENTITY) from None
        return Response(report_as_json(arrival, change), status=status.HTTP_201_CREATED)
