"""How the OpenAPI document is made: our errors, our ways to sign in, and one path for each endpoint."""

from typing import Any, Literal

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS
from rest_framework.serializers import CharField, FileField

from policystudio.api import problems
from policystudio.api.idempotency import PARAMETER
from policystudio.api.sparse import FIELDS, fields_parameter
from policystudio.api.texts import NOT_BLANK, ShapedField

Direction = Literal["request", "response"]

DESCRIPTION = """\
The simulator and what it knows about your AWS accounts, for scripts.

**Sign in** with a token (`Authorization: Bearer …`; make one with `POST /api/v1/tokens`) or with the session of the
browser; a session sends its CSRF token with everything but GET. **Accounts that you have no role in do not exist**
here: they answer 404. **Lists** come in pages of `limit` rows; `next` is the address of the page that follows.
**Errors** are problem details (RFC 9457): `errors` names the place of each fault. A query parameter that an endpoint
does not know is refused. **What is made** by POST is made once for each `Idempotency-Key`; what is written over needs
`If-Match`.

The letters of a matrix: `A` allowed, `S` allowed on some resources, `C` depends on the context,
`E` explicit deny, `I` implicit deny, `U` undecided.
"""

#: The problems that every endpoint may answer with.
_ALWAYS = {
    "400": "The request cannot be understood; `errors` says where.",
    "401": "Nobody is signed in.",
    "403": "The role in the account, or the token's scope, does not allow this; or the CSRF token is missing.",
    "404": "There is no such thing, or it is in an account that you have no role in; `errors` says which.",
    "409": "What is said contradicts itself, or how things stand; `errors` says what.",
    "422": "The answer would take longer than one request may work for; ask about less.",
    "429": "Too many requests; the header Retry-After says when to come back.",
}
_ONCE = {
    "409": "The Idempotency-Key was used for another body, or its request is being answered right now; or what is "
    "asked cannot be done as things are.",
}
_WITH_BODY = {
    "413": "The body is too large; nothing of it was read.",
    "415": "The body is of a media type that is not read here.",
}


_IN_PATHS = {
    "change": "The number of a change of the account.",
    "number": "The account's 12 digits.",
    "name": "The name, without its path.",
    "id": "The id that the list gives.",
    "key": "The access key id.",
    "token": "The `id` of the token.",
    "sequence": "The place of an entry in the record.",
    "delivery": "The id of a delivery.",
    "version_id": "Such as `v3`.",
    "policy": "The id of an organization policy, such as `p-FullAWSAccess`.",
    "code": "A code of findings.",
    "simulation": "The number of a saved simulation.",
    "run": "The number of a run.",
    "job": "The id that the list gives.",
    "user": "The sign-in name.",
    "invitation": "The id that the list gives.",
}


class Schema(AutoSchema):
    """REST framework's views as OpenAPI operations, each with the problems it may answer with."""

    def get_tags(self) -> list[str]:
        """The noun of the path: what stands behind the account, or else first."""
        parts = [part for part in self.path.removeprefix("/api/v1/").split("/") if not part.startswith("{")]
        return [parts[1] if parts[0] == "accounts" and len(parts) > 1 else parts[0]]

    def get_override_parameters(self) -> list[Any]:
        """The header by which something is made once."""
        return [*super().get_override_parameters(), *([PARAMETER] if self._takes_key() else [])]

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        """Those of the filters, and of the fields of the rows."""
        inherited: Any = super()._get_filter_parameters
        view: Any = self.view
        is_list = self.method == "GET" and hasattr(view, "row_of")
        return [*inherited(), *([fields_parameter(list(view.get_serializer().fields))] if is_list else [])]

    def _map_serializer_field(self, field: Any, direction: Direction, bypass_extensions: bool = False) -> Any:
        """A text of a body that may not be blank says so, and a file that it is one."""
        if direction == "request" and isinstance(field, ShapedField):
            return _shape_of(field)
        inherited: Any = super()._map_serializer_field
        schema = inherited(field, direction, bypass_extensions)
        if direction == "request" and type(field) is CharField and not field.allow_blank and field.trim_whitespace:
            return NOT_BLANK | schema
        if direction == "request" and isinstance(field, FileField):
            return {**schema, "format": "binary"}
        return schema

    def _get_request_body(self, direction: Direction = "request") -> Any:
        """A body is required where the operation can do nothing without one."""
        inherited: Any = super()._get_request_body
        body = inherited(direction)
        return {**body, "required": True} if body and getattr(self.view, "needs_body", True) else body

    def _map_serializer(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> Any:
        """An object of a body as it is read: nothing but its properties, and those that go together."""
        inherited: Any = super()._map_serializer
        schema = inherited(serializer, direction, bypass_extensions)
        shaped = getattr(serializer, "shaped", None)
        if direction == "request" and shaped is not None:
            return shaped(schema, lambda other: inherited(other, direction))
        return schema

    def _takes_key(self) -> bool:
        return self.method == "POST" and not getattr(self.view, "computes_only", False)

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        described = _ALWAYS if self.method in SAFE_METHODS else _ALWAYS | _WITH_BODY
        if self._takes_key():
            described |= _ONCE
        make_response: Any = self._get_response_for_code
        for code, description in described.items():
            problem = make_response(
                problems.ProblemSerializer, code, media_types=[problems.CONTENT_TYPE], direction=direction
            )
            responses.setdefault(code, {**problem, "description": description})
        for code, response in responses.items():
            content = response.get("content", {})
            if code >= "400" and "application/json" in content:
                content[problems.CONTENT_TYPE] = content.pop("application/json")
        return responses


def _shape_of(field: ShapedField) -> dict[str, Any]:
    shape = {"anyOf": [field.shape, {"type": "null"}]} if field.allow_null else dict(field.shape)
    return {**shape, "description": str(field.help_text)} if field.help_text else shape


class BearerScheme(OpenApiAuthenticationExtension):
    """Our tokens."""

    target_class = "policystudio.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """HTTP bearer authentication."""
        return {"type": "http", "scheme": "bearer", "description": "A token from `POST /api/v1/tokens`."}


class PasswordScheme(OpenApiAuthenticationExtension):
    """Sign-in name and password, for new tokens."""

    target_class = "policystudio.api.authentication.PasswordAuthentication"
    name = "password"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """HTTP basic authentication."""
        return {
            "type": "http",
            "scheme": "basic",
            "description": "Sign-in name and password; with a second factor, its code in the header X-OTP, too.",
        }


class BrowserScheme(SessionScheme):
    """The session of the browser."""

    name = "session"
    priority = 1


def without_trailing_slash(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Each endpoint once: addresses are understood with a slash at their end, too, but written without."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def with_descriptions(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The document with what no view can say for itself: its own description, and what stands in the paths."""
    result["info"]["description"] = DESCRIPTION
    operations = (one for methods in result["paths"].values() for one in methods.values())
    for parameter in (one for operation in operations for one in operation.get("parameters", ())):
        if parameter["in"] == "path":
            parameter.setdefault("description", _IN_PATHS[parameter["name"]])
    return result


def with_some_fields(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """The document with rows that have not all their fields, where `fields` may leave some out."""
    schemas = result["components"]["schemas"]
    for methods in result["paths"].values():
        for operation in methods.values():
            if any(one["name"] == FIELDS for one in operation.get("parameters", ())):
                page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
                rows = schemas[page.rpartition("/")[2]]["properties"]["results"]
                whole = rows["items"].get("$ref", "")
                if whole:
                    row = schemas[whole.rpartition("/")[2]]
                    some = {"type": "object", "properties": row["properties"], "description": "With `fields`: some."}
                    rows["items"] = {"anyOf": [{"$ref": whole}, some]}
    return result
