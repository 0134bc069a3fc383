"""API clients of an account, their access keys and tokens; for its administrators alone."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Role
from policystudio.api.access import AccountListView, AccountView
from policystudio.api.bodies import Body
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_tag, stale
from policystudio.api.problems import Fault, Refused
from policystudio.api.tokens import TOKEN_ORDERS, MadeTokenSerializer, TokenFilter, TokenSerializer, refusal
from policystudio.clients import selectors, services
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient

_OUTLIVES = "Asked with a token, it ends when the token does at the latest."


class ClientFilter(django_filters.FilterSet):
    """Filters of the list of API clients."""

    search = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", help_text="A part of the name, in any letter case."
    )


class ClientTextSerializer(Body):
    """What of an API client can be changed."""

    role = serializers.ChoiceField(Role.choices, help_text="What it may do in the account, as a member would.")
    description = serializers.CharField(
        max_length=256, default="", allow_blank=True, help_text="What it is for, in one line."
    )
    disabled = serializers.BooleanField(
        default=False, help_text="Whether none of its keys and tokens is to let it in, until that is taken back."
    )


class NewClientSerializer(Body):
    """What a new API client is to be."""

    name = serializers.RegexField(
        r"\A[A-Za-z0-9_+=,.@-]{1,64}\Z", help_text="Its name in the account; it cannot be changed."
    )
    role = serializers.ChoiceField(
        Role.choices, default=Role.VIEWER, help_text="What it may do in the account, as a member would."
    )
    description = serializers.CharField(
        max_length=256, default="", allow_blank=True, help_text="What it is for, in one line."
    )


class ClientSerializer(serializers.Serializer):
    """An API client."""

    id = serializers.IntegerField(source="client.pk")
    name = serializers.CharField(source="client.name")
    description = serializers.CharField(source="client.description", allow_blank=True)
    role = serializers.ChoiceField(
        Role.choices, source="client.role", allow_null=True, help_text="Null where it was taken away."
    )
    disabled = serializers.SerializerMethodField(help_text="Whether none of its keys and tokens lets it in.")
    username = serializers.CharField(source="client.user.username", help_text="What the audit record calls it.")
    created_at = serializers.DateTimeField(source="client.created_at")
    created_by = serializers.CharField(source="client.created_by_name")
    access_keys = serializers.IntegerField(source="keys", help_text="How many access keys let it in.")
    tokens = serializers.IntegerField(help_text="How many tokens let it in.")
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="When one of them let it in last, to the minute; null: never."
    )

    def get_disabled(self, facts: selectors.ClientFacts) -> bool:
        """Since when is in the audit record."""
        return facts.client.disabled_at is not None


class AccessKeySerializer(serializers.ModelSerializer):
    """An access key, without its secret."""

    id = serializers.CharField(source="key_id", help_text="The access key id.")
    created_by = serializers.CharField(source="created_by_name")
    expires = serializers.DateTimeField(source="expires_at", help_text="When it ends.")
    last_used_at = serializers.DateTimeField(
        allow_null=True, read_only=True, help_text="When it let a request in last, to the minute; null: never."
    )
    revoked_at = serializers.DateTimeField(allow_null=True, read_only=True, help_text="When it was revoked, or null.")

    class Meta:
        model = AccessKey
        fields = [
            *("id", "created_at", "created_by", "expires", "revoked_at"),
            *("last_used_at", "last_used_address"),
        ]
        extra_kwargs = {"last_used_address": {"read_only": True, "help_text": "Where that request came from."}}


class IssuedKeySerializer(AccessKeySerializer):
    """A new access key with its secret."""

    secret_access_key = serializers.CharField(help_text="It is shown this once and kept nowhere.")

    class Meta(AccessKeySerializer.Meta):
        fields = [*AccessKeySerializer.Meta.fields, "secret_access_key"]


class NewKeySerializer(Body):
    """How long a new access key is good for."""

    days = serializers.IntegerField(
        min_value=1,
        max_value=services.MOST_DAYS,
        required=False,
        help_text=f"After so many days it ends; without it, after {services.USUAL_DAYS}.",
    )


class NewClientTokenSerializer(Body):
    """What a new token of an API client is to be."""

    name = serializers.CharField(max_length=64, help_text="What the token is for, to know it again in the list.")
    scope = serializers.ChoiceField(
        ApiToken.Scope.choices, default=ApiToken.Scope.READ, help_text="As of your own tokens."
    )
    days = serializers.IntegerField(
        min_value=1,
        max_value=services.MOST_DAYS,
        required=False,
        help_text=f"After so many days it ends; without it, after {services.USUAL_TOKEN_DAYS}.",
    )


class Clients(AccountListView[ServiceClient]):
    """The API clients of an account."""

    queryset = ServiceClient.objects.none()
    serializer_class = ClientSerializer
    filterset_class = ClientFilter
    orders = {"name": ("name",), "created_at": ("created_at",)}
    needed_role = Role.ADMINISTRATOR

    def get_queryset(self) -> QuerySet[ServiceClient]:
        """By name."""
        return selectors.clients_of(self.account, by=self.person)

    def paginate_queryset(self, queryset: Any) -> Any:
        """With what is told of each."""
        return selectors.with_facts(super().paginate_queryset(queryset), now=timezone.now())

    @extend_schema(
        operation_id="clients_list",
        summary="The API clients of an account",
        description="Programs that ask about this account and no other. This needs the role administrator.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="clients_create",
        summary="Make an API client",
        description="It can do nothing before it has an access key or a token. This needs the role administrator.",
        request=NewClientSerializer,
        responses={201: ClientSerializer},
        examples=[OpenApiExample("A program that reads", value={"name": "nightly-audit"}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """Make one."""
        given = NewClientSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        try:
            made = services.client_create(
                by=self.person,
                account=self.account,
                name=values["name"],
                role=Role(values["role"]),
                description=values["description"],
                now=timezone.now(),
            )
        except services.ClientError as error:
            raise refusal(error) from None
        return _told(made, status.HTTP_201_CREATED)


class ClientView(AccountView):
    """What is below one API client."""

    needed_role = Role.ADMINISTRATOR
    client: ServiceClient

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the client as well."""
        super().initial(request, *args, **kwargs)
        try:
            self.client = selectors.clients_of(self.account, by=self.person).get(pk=kwargs["id"])
        except (ServiceClient.DoesNotExist, OverflowError):
            raise Http404 from None


class OneClient(ClientView):
    """One API client."""

    http_method_names = ["get", "head", "put"]

    @extend_schema(
        operation_id="clients_get",
        summary="One API client",
        description="Its ETag is of its role, its description and whether it is disabled.",
        responses=ClientSerializer,
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One of them."""
        return _told(self.client)

    @extend_schema(
        operation_id="clients_update",
        summary="Change, disable or enable an API client",
        description="All that can be changed: what is left out of the body is empty, or not so.",
        parameters=[IF_MATCH],
        request=ClientTextSerializer,
        responses={200: ClientSerializer, **PRECONDITION_PROBLEMS},
        examples=[OpenApiExample("Disable it", value={"role": "viewer", "disabled": True}, request_only=True)],
    )
    def put(self, request: Request, number: str, id: int) -> Response:
        """Write it anew."""
        seen = expected_tag(request)
        given = ClientTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        try:
            services.client_change(
                by=self.person,
                client=self.client,
                role=Role(values["role"]),
                description=values["description"],
                disabled=values["disabled"],
                seen=seen,
                now=timezone.now(),
            )
        except services.ClientError as error:
            raise refusal(error) from None
        except services.StaleClientError as error:
            raise stale(str(error)) from None
        return _told(selectors.clients_of(self.account, by=self.person).get(pk=self.client.pk))


class AccessKeyFilter(django_filters.FilterSet):
    """Filters of the list."""

    id = django_filters.CharFilter("key_id", help_text="Such as `AKIAEXAMPLE`.")

    class Meta:
        model = AccessKey
        fields: ClassVar[list[str]] = []


class AccessKeys(ClientView, AccountListView[AccessKey]):
    """The access keys of an API client."""

    queryset = AccessKey.objects.none()
    serializer_class = AccessKeySerializer
    filterset_class = AccessKeyFilter
    orders = {"newest": ("-created_at",), "expires": ("expires_at",), "last_used": ("last_used_at",)}
    throttle_scope = "tokens"
    tells_secret = True

    def get_queryset(self) -> QuerySet[AccessKey]:
        """Those of the client."""
        return selectors.access_keys_of(self.client)

    @extend_schema(
        operation_id="access_keys_list",
        summary="The access keys of an API client",
        description="Also those that are revoked or have ended, the newest first.",
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="access_keys_create",
        summary="Issue an access key",
        description="It signs requests to `/aws/` by Signature Version 4, as AWS's own SDKs do. " + _OUTLIVES,
        request=NewKeySerializer,
        responses={201: IssuedKeySerializer},
        examples=[OpenApiExample("For a month", value={"days": 30}, request_only=True)],
    )
    def post(self, request: Request, number: str, id: int) -> Response:
        """Issue one."""
        given = NewKeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        ends = _end(given.validated_data.get("days"), services.USUAL_DAYS, self.token(), now)
        try:
            key, secret = services.access_key_issue(by=self.person, client=self.client, expires_at=ends, now=now)
        except services.ClientError as error:
            raise refusal(error) from None
        key.secret_access_key = secret  # type: ignore[attr-defined]  # of the answer, not of the row
        return Response(IssuedKeySerializer(key).data, status=status.HTTP_201_CREATED)


class OneAccessKey(ClientView):
    """One access key of an API client."""

    http_method_names = ["delete"]

    @extend_schema(
        operation_id="access_keys_revoke",
        summary="Revoke an access key",
        description="It ends at once and for ever.",
        responses={204: None},
    )
    def delete(self, request: Request, number: str, id: int, key: str) -> Response:
        """Revoke it."""
        found = self.client.access_keys.filter(key_id=key).select_related("client__account").first()
        if found is None:
            raise Http404
        services.access_key_revoke(by=self.person, key=found, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ClientTokens(ClientView, AccountListView[ApiToken]):
    """The tokens of an API client."""

    queryset = ApiToken.objects.none()
    serializer_class = TokenSerializer
    filterset_class = TokenFilter
    orders = TOKEN_ORDERS
    told_apart_by = "token_key"
    throttle_scope = "tokens"
    tells_secret = True

    def get_queryset(self) -> QuerySet[ApiToken]:
        """Those of the client that have not ended."""
        return selectors.live_tokens(self.client.user, now=timezone.now())

    @extend_schema(
        operation_id="client_tokens_list",
        summary="The tokens of an API client",
        description="Those that have not ended, the newest first.",
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="client_tokens_create",
        summary="Issue a token to an API client",
        description="For this API, and for this account alone. " + _OUTLIVES,
        request=NewClientTokenSerializer,
        responses={201: MadeTokenSerializer},
        examples=[OpenApiExample("For a pipeline", value={"name": "pipeline", "scope": "write"}, request_only=True)],
    )
    def post(self, request: Request, number: str, id: int) -> Response:
        """Issue one."""
        given = NewClientTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values, now = given.validated_data, timezone.now()
        ends = _end(values.get("days"), services.USUAL_TOKEN_DAYS, self.token(), now)
        try:
            token, secret = services.client_token_issue(
                by=self.person, client=self.client, name=values["name"], scope=values["scope"], lifetime=ends - now
            )
        except services.ClientError as error:
            raise refusal(error) from None
        token.token = secret
        return Response(MadeTokenSerializer(token).data, status=status.HTTP_201_CREATED)


class OneClientToken(ClientView):
    """One token of an API client."""

    http_method_names = ["delete"]

    @extend_schema(
        operation_id="client_tokens_revoke",
        summary="Revoke a token of an API client",
        description="It ends at once.",
        responses={204: None},
    )
    def delete(self, request: Request, number: str, id: int, token: str) -> Response:
        """Revoke it."""
        try:
            services.client_token_revoke(by=self.person, client=self.client, token_key=token)
        except ApiToken.DoesNotExist:
            raise Http404 from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def _told(client: ServiceClient, code: int = status.HTTP_200_OK) -> Response:
    facts = selectors.with_facts([client], now=timezone.now())[0]
    response = Response(ClientSerializer(facts).data, status=code)
    response.headers["ETag"] = f'"{selectors.client_state(client)}"'
    return response


def _end(days: int | None, usual: int, token: ApiToken | None, now: datetime) -> datetime:
    """When what is issued ends. Nothing that a token issues outlives it, or it would live on in its children."""
    wanted = now + timedelta(days=usual if days is None else days)
    if token is None or token.expiry is None or wanted <= token.expiry:
        return wanted
    if days is None:
        return token.expiry
    message = f"it would outlive the token that asks for it, which ends on {token.expiry:%Y-%m-%d}: take fewer days"
    raise Refused([Fault(message, "days")])
