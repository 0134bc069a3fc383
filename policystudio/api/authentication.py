"""Who asks: the bearer of a token, or whoever is signed in in the browser; for new tokens also name and password."""

from typing import Any

from axes.helpers import get_cool_off
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_login_failed
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from policystudio.accounts.backends import ASKS_SECOND_FACTOR
from policystudio.accounts.selectors import second_factor_of
from policystudio.accounts.services import second_factor_check
from policystudio.audit import services as audit
from policystudio.clients.services import token_used

#: Where a script sends the code of the second factor, beside name and password.
CODE_HEADER = "X-OTP"
KEYWORDS = (b"bearer", b"token")


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Bearer <token>`; knox's own word `Token` is understood as well."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Any] | None:
        """The user and the token; None where the header is not there or of another kind."""
        parts = authentication.get_authorization_header(request).split()
        if not parts or parts[0].lower() not in KEYWORDS:
            return None
        if len(parts) != 2 or not parts[1].isalnum():
            raise exceptions.AuthenticationFailed("the header must be `Authorization: Bearer <token>`")
        try:
            user, token = self.authenticate_credentials(parts[1])
        except exceptions.AuthenticationFailed:
            audit.record_failure(action="token.refused", target="")
            raise
        token_used(token=token, now=timezone.now())
        return user, token

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Whether the token has ended. Knox would remove its row, and others of the user, which no entry would tell."""
        return bool(auth_token.expiry is not None and auth_token.expiry <= timezone.now())

    def authenticate_header(self, request: Request) -> str:
        """What `WWW-Authenticate` says where nobody is signed in."""
        return "Bearer"


class PasswordAuthentication(authentication.BasicAuthentication):
    """Sign-in name and password in an `Authorization: Basic` header; failures count towards the lockout.

    Whoever has a second factor sends its code in the header X-OTP as well.
    """

    www_authenticate_realm = "Policy Studio"

    def authenticate_credentials(
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[AbstractBaseUser, None]:
        """The user; 401 for a wrong password or code, 429 where too many failures have locked the name or address."""
        # django-axes counts by Django's own request, and marks it.
        plain_request: Any = request._request if request is not None else None
        setattr(plain_request, ASKS_SECOND_FACTOR, True)
        user = authenticate(request=plain_request, username=userid, password=password)
        _refuse_locked(plain_request)
        if user is None or not user.is_active:
            raise exceptions.AuthenticationFailed("wrong user name or password")
        if second_factor_of(user) is not None:
            _check_code(user, plain_request)
        audit.record_use(actor=user, action="user.password_used", target=user.get_username())
        return user, None


def _check_code(user: AbstractBaseUser, request: Any) -> None:
    """401 unless the header has the code of now; 429 where the next one is looked at later."""
    code = request.headers.get(CODE_HEADER, "").strip()
    if not code:
        raise exceptions.AuthenticationFailed(
            f"you sign in with a second factor: send the code of your app in the header {CODE_HEADER} as well"
        )
    checked = second_factor_check(user=user, code=code)
    if checked.right:
        return
    if checked.wait:
        raise exceptions.Throttled(wait=checked.wait)
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)
    _refuse_locked(request)
    raise exceptions.AuthenticationFailed(f"the code in the header {CODE_HEADER} is not right")


def _refuse_locked(request: Any) -> None:
    if getattr(request, "axes_locked_out", False):
        # Its middleware would put a page in the place of our answer.
        request.axes_locked_out = False
        raise exceptions.Throttled(wait=get_cool_off(request).total_seconds())
