"""What every endpoint has in common: who may call it, which account it is about, and that no input is passed over."""

from typing import Any, ClassVar, TypeVar, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.cache import get_conditional_response
from django_filters import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    Throttled,
)
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from policystudio.accounts import selectors
from policystudio.accounts.models import Account, Role
from policystudio.api.idempotency import HEADER, answer_once
from policystudio.api.paging import Orders, Page
from policystudio.api.problems import Fault, Refused
from policystudio.api.sparse import FIELDS, wanted_fields
from policystudio.api.throttles import unsigned_wait
from policystudio.clients.models import ApiToken
from policystudio.engine.nearest import nearest

Row = TypeVar("Row", bound=Model)


class ApiView(APIView):
    """An endpoint for whoever is signed in.

    ``parameters`` are the query parameters that it understands; any other one is refused, because a filter with a slip
    of the pen in it would silently answer about everything. ``computes_only`` marks a POST that changes nothing;
    any other may be sent with an Idempotency-Key, whose answer is kept unless ``tells_secret``.
    """

    http_method_names = ["get", "head", "post", "delete"]
    parameters: ClassVar[frozenset[str]] = frozenset()
    computes_only: ClassVar[bool] = False
    #: Throttles count clients here, by who they are.
    counts_clients: ClassVar[bool] = True
    tells_secret: ClassVar[bool] = False
    #: Whether a body that is described has to be sent.
    needs_body: ClassVar[bool] = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authentication, permissions and throttles; then the token's scope and the query parameters."""
        super().initial(request, *args, **kwargs)
        if self.token() is None and getattr(request.user, "owes_second_factor", False):
            raise PermissionDenied("an account that you see asks for a second factor: set one up under Your account")
        self._check_scope(request)
        if any("\0" in str(value) for value in kwargs.values()):
            raise Http404  # databases cannot even ask for such a name
        if request.method != "OPTIONS":
            self._check_method(request)
            self._check_parameters(request)
        if request.method == "POST" and HEADER in request.headers and not self.computes_only:
            handler = getattr(self, "post", None)
            if handler is not None:
                setattr(self, "post", answer_once(self, handler))  # noqa: B010 -- of this request's view alone

    def handle_exception(self, exc: Exception) -> Response:
        """The answer to an exception; whoever is not let in is counted by the address."""
        if isinstance(exc, NotAuthenticated | AuthenticationFailed):
            wait = unsigned_wait(self.request)
            exc = exc if wait is None else Throttled(wait)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What is answered is of one person and of this moment: nothing between here and the client may keep it.

        304 where the client has what it asks for already, by the ETag that it names in If-None-Match.
        """
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store, private")
        if request.method in ("GET", "HEAD") and final.status_code == 200 and "ETag" in final.headers:
            return get_conditional_response(request._request, etag=final.headers["ETag"], response=final)
        return final

    @property
    def allowed_methods(self) -> list[str]:
        """What `Allow` tells: every endpoint tells of itself by OPTIONS, too."""
        return [*super().allowed_methods, "OPTIONS"]

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """405 with `Allow`; to OPTIONS the same header without a complaint."""
        if request.method == "OPTIONS":
            return Response(status=204)
        return super().http_method_not_allowed(request, *args, **kwargs)

    def body_parts(self, request: Request) -> Any:
        """The bytes of the body in pieces, by which the same request is known again."""
        return (request._request.body,)

    def known_parameters(self) -> frozenset[str]:
        """The names of the query parameters."""
        return self.parameters

    def visible_accounts(self) -> QuerySet[Account]:
        """The accounts that the user has a role in and that the token is for."""
        accounts = selectors.accounts_visible_to(self.request.user)
        token = self.token()
        return accounts if token is None or token.account_id is None else accounts.filter(pk=token.account_id)

    @property
    def person(self) -> AbstractBaseUser:
        """Who asks; the permissions let nobody else in."""
        return cast("AbstractBaseUser", self.request.user)

    def token(self) -> ApiToken | None:
        """The token of the request; None for a session."""
        return self.request.auth if isinstance(self.request.auth, ApiToken) else None

    def _check_method(self, request: Request) -> None:
        """405 comes before what is wrong in a request, and before the account: no other request would be answered."""
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(method.upper())

    def _check_parameters(self, request: Request) -> None:
        """400 for a query parameter that is not known, or that no database could be asked for."""
        _check_parameters(request, self.known_parameters())

    def _check_scope(self, request: Request) -> None:
        token = self.token()
        if token is None or token.scope == ApiToken.Scope.WRITE:
            return
        if request.method not in SAFE_METHODS and not self.computes_only:
            raise PermissionDenied(f"the token `{token.name}` is for reading and simulating only")


class ListView(ListModelMixin, ApiView, GenericAPIView[Row]):
    """A list in pages: filtered, in one of its ``orders`` (the first by default), with all fields of a row or some."""

    filterset_class: ClassVar[type[FilterSet]]
    orders: ClassVar[Orders] = {}
    #: The column in which no two rows are alike; it stands in cursors, which are signed but can be read.
    told_apart_by: ClassVar[str] = "pk"

    def known_parameters(self) -> frozenset[str]:
        """Of the filters, of paging, and which fields are wanted."""
        if self.request.method == "POST":
            return super().known_parameters()
        return frozenset(self.filterset_class.base_filters) | Page.parameters | {FIELDS}

    def paginate_queryset(self, queryset: Any) -> Any:
        """The rows of the page as the serializer takes them."""
        page = super().paginate_queryset(queryset)
        return None if page is None else [self.row_of(row) for row in page]

    def row_of(self, row: Row) -> Any:
        """What the serializer takes of a row: itself."""
        return row

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """The serializer of the rows, without the fields that are not wanted."""
        made = super().get_serializer(*args, **kwargs)
        row: Any = getattr(made, "child", made)
        wanted = wanted_fields(self.request, row)
        if wanted is not None:
            for name in row.fields.keys() - wanted:
                row.fields.pop(name)
        return made


class AccountView(ApiView):
    """An endpoint below `accounts/{number}/`: 404 for strangers, 403 for members with a lesser role than it needs.

    ``writing_role`` is the role for methods that are not safe, where it is another one than for reading.
    """

    needed_role: ClassVar[Role] = Role.VIEWER
    writing_role: ClassVar[Role | None] = None
    account: Account

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the account as well."""
        super().initial(request, *args, **kwargs)
        account = self.visible_accounts().filter(number=kwargs["number"]).first()
        if account is None:
            raise Http404
        role = self.needed_role if request.method in SAFE_METHODS else self.writing_role or self.needed_role
        if not selectors.may(request.user, account, role):
            raise PermissionDenied(f"this needs the role {role.label} in account {account.number}")
        self.account = account


class AccountListView(AccountView, ListView[Row]):
    """A list of something that the account has."""


@extend_schema(exclude=True)
class Nothing(ApiView):
    """An address that no endpoint has."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """404 for everyone who is signed in."""
        super().initial(request, *args, **kwargs)
        raise NotFound("there is no such endpoint; /api/docs/ shows those that there are")

    def _check_method(self, request: Request) -> None:
        """What is not there has no methods either."""

    def _check_parameters(self, request: Request) -> None:
        """Nor parameters."""


def _check_parameters(request: Request, known: frozenset[str]) -> None:
    faults = []
    for name, values in request.query_params.lists():
        if any("\0" in text for text in (name, *values)):
            faults.append(Fault("has a NUL character in it", name.replace("\0", ""), where="query"))
        elif name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else _listing(known)
            faults.append(Fault(f"unknown query parameter `{name}`: {hint}", name, where="query"))
    if faults:
        raise Refused(faults)


def _listing(known: frozenset[str]) -> str:
    return f"there are {', '.join(sorted(known))}" if known else "this endpoint has none"
