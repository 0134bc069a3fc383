"""Webhooks of an account: made, changed, tested; and what was delivered to them."""

from typing import Any, ClassVar
from uuid import UUID

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
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_version, stale, with_etag
from policystudio.api.problems import Fault, Refused
from policystudio.webhooks import selectors, services
from policystudio.webhooks.models import Delivery, Webhook

DELIVERY_STATES = Delivery.State.values


class WebhookTextSerializer(Body):
    """A webhook as it is written."""

    url = serializers.CharField(max_length=2048, help_text="Begins with https:// and leads into the internet.")
    events = serializers.ListField(
        child=serializers.CharField(max_length=65),
        min_length=1,
        max_length=50,
        help_text="Actions of the record, such as `change.published`; all of a noun, `change.*`; or all, `*`.",
    )
    active = serializers.BooleanField(default=True)


class NewWebhookSerializer(WebhookTextSerializer):
    """A new webhook, which is on."""

    active = None  # type: ignore[assignment]  # how a serializer leaves a field out


class WebhookSerializer(WebhookTextSerializer):
    """A webhook."""

    id = serializers.IntegerField()
    stopped = serializers.CharField(help_text="Why the studio switched it off; empty where it did not.")
    failing_since = serializers.DateTimeField(allow_null=True, help_text="Since when nothing has arrived.")
    version = serializers.IntegerField(help_text="Counts up with every change; the ETag.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(source="created_by_name")


class MadeWebhookSerializer(WebhookSerializer):
    """A webhook with its secret, which is shown this once."""

    secret = serializers.CharField(help_text="Begins with `whsec_`; signatures are made with all of it.")


class DeliverySerializer(serializers.Serializer):
    """One message."""

    id = serializers.UUIDField(help_text="Also in the header PolicyStudio-Delivery; the same when it is sent again.")
    event = serializers.CharField()
    sequence = serializers.IntegerField(allow_null=True, help_text="Of the entry that it tells; null: a test.")
    state = serializers.ChoiceField(DELIVERY_STATES)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(help_text="Where it is queued: not before then.")
    last_at = serializers.DateTimeField(allow_null=True, help_text="When the last attempt ended.")
    status = serializers.IntegerField(allow_null=True, help_text="What was answered to the last attempt.")
    error = serializers.CharField(help_text="Why there was no answer.")
    answer = serializers.CharField(help_text="The beginning of the body that was answered.")
    payload = serializers.DictField(help_text="What is sent.")


class DeliveryFilter(django_filters.FilterSet):
    """Filters of the list."""

    state = django_filters.ChoiceFilter(choices=Delivery.State.choices, help_text="Only those in this state.")
    event = django_filters.CharFilter(help_text="Only those of this event.")

    class Meta:
        model = Delivery
        fields: ClassVar[list[str]] = []


class WebhookFilter(django_filters.FilterSet):
    """Filters of the list: none."""

    class Meta:
        model = Webhook
        fields: ClassVar[list[str]] = []


_VALUE = {"url": "https://chat.example.com/hooks/team", "events": ["change.proposed", "change.published"]}
_EXAMPLE = OpenApiExample("A chat that hears of changes", value=_VALUE, request_only=True)


class Webhooks(AccountListView[Webhook]):
    """The webhooks of an account."""

    queryset = Webhook.objects.none()
    serializer_class = WebhookSerializer
    filterset_class = WebhookFilter
    orders = {"oldest": ("pk",), "url": ("url",)}
    needed_role = Role.ADMINISTRATOR
    tells_secret = True

    def get_queryset(self) -> QuerySet[Webhook]:
        """The oldest first."""
        return selectors.webhooks_of(self.account)

    @extend_schema(
        operation_id="webhooks_list", summary="The webhooks of an account", description="This needs the administrator."
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Make a webhook",
        description="The answer holds its secret, this once.",
        request=NewWebhookSerializer,
        responses={201: MadeWebhookSerializer},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request, number: str) -> Response:
        """Make one."""
        given = NewWebhookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            made, secret = services.webhook_create(
                by=self.person, account=self.account, now=timezone.now(), **given.validated_data
            )
        except services.WebhookError as error:
            raise _refused(error) from None
        response = Response({**WebhookSerializer(made).data, "secret": secret}, status=status.HTTP_201_CREATED)
        return with_etag(response, made.version)


class WebhookView(AccountView):
    """An endpoint below one webhook."""

    needed_role = Role.ADMINISTRATOR
    webhook: Webhook

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the webhook as well."""
        super().initial(request, *args, **kwargs)
        try:
            self.webhook = selectors.webhook_get(self.account, min(kwargs["id"], 2**63 - 1))
        except Webhook.DoesNotExist:
            raise Http404 from None


class OneWebhook(WebhookView):
    """One webhook."""

    http_method_names = ["get", "head", "put", "delete"]

    @extend_schema(
        operation_id="webhooks_get",
        summary="One webhook",
        description="With its version as ETag.",
        responses=WebhookSerializer,
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """The webhook."""
        return with_etag(Response(WebhookSerializer(self.webhook).data), self.webhook.version)

    @extend_schema(
        operation_id="webhooks_update",
        summary="Write a webhook anew",
        description="All of it. To switch on what the studio switched off, write `active` as true.",
        parameters=[IF_MATCH],
        request=WebhookTextSerializer,
        responses={200: WebhookSerializer, **PRECONDITION_PROBLEMS},
        examples=[OpenApiExample("Switched off for a while", value={**_VALUE, "active": False}, request_only=True)],
    )
    def put(self, request: Request, number: str, id: int) -> Response:
        """Write it anew."""
        version = expected_version(request, self.webhook.version)
        given = WebhookTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            written = services.webhook_update(
                by=self.person,
                webhook=self.webhook,
                expected_version=version,
                now=timezone.now(),
                **given.validated_data,
            )
        except services.WebhookError as error:
            raise _refused(error) from None
        except services.StaleWebhookError as error:
            raise stale(str(error)) from None
        return with_etag(Response(WebhookSerializer(written).data), written.version)

    @extend_schema(
        operation_id="webhooks_delete",
        summary="Take a webhook away",
        description="What was not delivered yet is not sent any more.",
        parameters=[IF_MATCH],
        responses={204: None, **PRECONDITION_PROBLEMS},
    )
    def delete(self, request: Request, number: str, id: int) -> Response:
        """Take it away."""
        version = expected_version(request, self.webhook.version)
        if version is not None and version != self.webhook.version:
            raise stale(f"the webhook is at version {self.webhook.version}")
        services.webhook_remove(by=self.person, webhook=self.webhook, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateSecret(WebhookView):
    """Another secret."""

    http_method_names = ["post"]
    tells_secret = True

    @extend_schema(
        operation_id="webhooks_rotate",
        summary="Rotate the secret of a webhook",
        description="The answer holds the new one, this once. For a day deliveries are signed with both.",
        request=None,
        responses=MadeWebhookSerializer,
    )
    def post(self, request: Request, number: str, id: int) -> Response:
        """Rotate it."""
        secret = services.secret_rotate(by=self.person, webhook=self.webhook, now=timezone.now())
        return Response({**WebhookSerializer(self.webhook).data, "secret": secret})


class Ping(WebhookView):
    """A test."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="webhooks_test",
        summary="Send a test to a webhook",
        description="Whatever it listens to; the answer is the delivery, which a worker sends at once.",
        request=None,
        responses={202: DeliverySerializer},
    )
    def post(self, request: Request, number: str, id: int) -> Response:
        """Send it."""
        sent = services.webhook_ping(by=self.person, webhook=self.webhook, now=timezone.now())
        return Response(DeliverySerializer(sent).data, status=status.HTTP_202_ACCEPTED)


class Deliveries(AccountListView[Delivery]):
    """What was or is to be delivered to a webhook."""

    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    orders = {"newest": ("-created_at",), "next_at": ("next_at",)}
    needed_role = Role.ADMINISTRATOR
    http_method_names = ["get", "head"]

    def get_queryset(self) -> QuerySet[Delivery]:
        """The newest first."""
        try:
            webhook = selectors.webhook_get(self.account, min(self.kwargs["id"], 2**63 - 1))
        except Webhook.DoesNotExist:
            raise Http404 from None
        return selectors.deliveries_of(webhook)

    @extend_schema(
        operation_id="deliveries_list",
        summary="What was delivered to a webhook",
        description="Deliveries that came to an end are kept for 30 days.",
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One page."""
        return self.list(request)


class DeliveryView(WebhookView):
    """An endpoint of one delivery."""

    delivery: Delivery

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the delivery as well."""
        super().initial(request, *args, **kwargs)
        rows = selectors.deliveries_of(self.webhook).select_related("webhook__account")
        found = rows.filter(pk=kwargs["delivery"]).first()
        if found is None:
            raise Http404
        self.delivery = found


class OneDelivery(DeliveryView):
    """One delivery."""

    http_method_names = ["get", "head"]

    @extend_schema(operation_id="deliveries_get", summary="One delivery", responses=DeliverySerializer)
    def get(self, request: Request, number: str, id: int, delivery: UUID) -> Response:
        """The delivery."""
        return Response(DeliverySerializer(self.delivery).data)


class Redeliver(DeliveryView):
    """Once more."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="deliveries_redeliver",
        summary="Send a delivery again",
        description="With the same id and body, which receivers know it by.",
        request=None,
        responses={202: DeliverySerializer},
    )
    def post(self, request: Request, number: str, id: int, delivery: UUID) -> Response:
        """Send it again."""
        sent = services.delivery_redeliver(by=self.person, delivery=self.delivery, now=timezone.now())
        return Response(DeliverySerializer(sent).data, status=status.HTTP_202_ACCEPTED)


def _refused(error: services.WebhookError) -> Refused:
    return Refused(Fault(message, name) for name, message in error.problems.items())
