"""Tokens: make one (it is shown this once), list one's own, revoke one."""

from datetime import timedelta
from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account
from policystudio.api.access import ApiView, ListView
from policystudio.api.authentication import PasswordAuthentication, TokenAuthentication
from policystudio.api.bodies import Body
from policystudio.api.problems import Fault, Refused
from policystudio.clients.models import ApiToken
from policystudio.clients.selectors import live_tokens
from policystudio.clients.services import MOST_DAYS, MOST_TOKENS, ClientError, token_create, token_revoke


class NewTokenSerializer(Body):
    """What a new token is to be."""

    name = serializers.CharField(max_length=64, help_text="What the token is for, to know it again in the list.")
    scope = serializers.ChoiceField(
        ApiToken.Scope.choices,
        default=ApiToken.Scope.READ,
        help_text="`read`: GET, simulate, evaluate and compare; `write`: everything that your roles allow.",
    )
    account = serializers.RegexField(
        r"\A[0-9]{12}\Z",
        required=False,
        allow_null=True,
        default=None,
        help_text="The only account that the token is for; without it, every account that you have a role in.",
    )
    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, default=30, help_text="After so many days it ends."
    )


class TokenSerializer(serializers.ModelSerializer):
    """A token, without its secret."""

    id = serializers.CharField(source="token_key", help_text="The first characters of the token; they tell it apart.")
    account = serializers.CharField(
        source="account.number",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="The only account that it is for, or null.",
    )
    expires = serializers.DateTimeField(source="expiry", help_text="When it ends.")
    last_used_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When it let a request in last, to the minute; null: never."
    )
    last_used_address = serializers.CharField(
        read_only=True, help_text="The address that this request came from, empty where it is not known."
    )

    class Meta:
        model = ApiToken
        fields = ["id", "name", "scope", "account", "created", "expires", "last_used_at", "last_used_address"]


class MadeTokenSerializer(TokenSerializer):
    """A new token with its secret."""

    token = serializers.CharField(help_text="The token itself. It is shown this once and stored only as a hash.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]


def refusal(error: ClientError) -> Refused:
    """What REST says of something about clients, keys or tokens that cannot be done."""
    return Refused([Fault(error.args[0], error.place)] if error.place else [], detail="" if error.place else str(error))


class TokenFilter(django_filters.FilterSet):
    """Filters of lists of tokens."""

    search = django_filters.CharFilter("name", "icontains", help_text="A part of the name, in any letter case.")
    scope = django_filters.ChoiceFilter(choices=ApiToken.Scope.choices, help_text="`read` or `write`.")

    class Meta:
        model = ApiToken
        fields: ClassVar[list[str]] = []


TOKEN_ORDERS = {"newest": ("-created",), "expires": ("expiry",), "name": ("name",)}


class Tokens(ListView[ApiToken]):
    """Your tokens."""

    queryset = ApiToken.objects.none()
    serializer_class = TokenSerializer
    filterset_class = TokenFilter
    orders = TOKEN_ORDERS
    told_apart_by = "token_key"
    throttle_scope = "tokens"
    tells_secret = True

    def get_queryset(self) -> QuerySet[ApiToken]:
        """Those of the user that have not ended."""
        return live_tokens(self.person, now=timezone.now())

    def get_authenticators(self) -> list[BaseAuthentication]:
        """A new token needs a person: a token must not make another that outlives it."""
        if self.request is not None and self.request.method == "POST":
            return [PasswordAuthentication(), SessionAuthentication()]
        return [TokenAuthentication(), SessionAuthentication()]

    @extend_schema(
        operation_id="tokens_list",
        summary="Your tokens",
        description="All tokens that you made and that have not ended, the newest first.",
    )
    def get(self, request: Request) -> Response:
        """List one's own tokens."""
        return self.list(request)

    @extend_schema(
        operation_id="tokens_create",
        summary="Make a token",
        description="Sign in with name and password (HTTP basic) or with the session of the browser. "
        f"At most {MOST_TOKENS} tokens of a user live at a time.",
        request=NewTokenSerializer,
        responses={201: MadeTokenSerializer},
        examples=[
            OpenApiExample(
                "A token for a script that reads", value={"name": "nightly audit", "days": 90}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a token."""
        given = NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        account = self._account(given.validated_data["account"])
        try:
            token, secret = token_create(
                user=self.person,
                name=given.validated_data["name"],
                scope=given.validated_data["scope"],
                account=account,
                lifetime=timedelta(days=given.validated_data["days"]),
            )
        except ClientError as error:
            raise refusal(error) from None
        token.token = secret
        return Response(MadeTokenSerializer(token).data, status=status.HTTP_201_CREATED)

    def _account(self, number: str | None) -> Account | None:
        if number is None:
            return None
        account = self.visible_accounts().filter(number=number).first()
        if account is None:
            raise Refused([Fault(f"you have no role in an account `{number}`", "account")])
        return account


class OneToken(ApiView):
    """One of your tokens."""

    @extend_schema(
        operation_id="tokens_revoke",
        summary="Revoke a token",
        description="It ends at once.",
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH, description="The `id` of the token.")],
        responses={204: None},
    )
    def delete(self, request: Request, id: str) -> Response:
        """Revoke a token."""
        try:
            token_revoke(user=self.person, token_key=id)
        except ApiToken.DoesNotExist:
            raise Http404 from None
        return Response(status=status.HTTP_204_NO_CONTENT)
