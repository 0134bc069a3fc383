"""Single sign-on by OpenID Connect, on django-allauth's provider. Loaded only where it is set up.

What allauth leaves out is done here: the signature of the ID token and its nonce are checked, nobody is linked to a
sign-in that is there already, and none of allauth's own pages has an address.
"""

import re
import secrets
from typing import Any, cast

import jwt
import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from policystudio.accounts import services
from policystudio.accounts.models import Account, Organization, Role
from policystudio.accounts.selectors import highest
from policystudio.audit import services as audit
from policystudio.lib.oidc_settings import PROVIDER, OidcSettings

logger = structlog.get_logger(__name__)

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_BACKEND = "policystudio.accounts.backends.PasswordBackend"
_LEEWAY = 60
#: So often a name is looked for at most. Each time somebody else has come in with it meanwhile.
_TRIES = 20


class Provider(OpenIDConnectOAuth2Adapter):
    """allauth's adapter, with an ID token that is verified whole."""

    nonce = ""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:  # noqa: ARG002 -- allauth's signature
        """Where the provider sends people back to."""
        return request.build_absolute_uri(reverse("web:sso-callback"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Who signs in: what the ID token says, and of the same person what the provider tells of them besides."""
        claims = self._verified(app, kwargs["response"].get("id_token") or "")
        told = self._fetch_user_info(token.token) if "userinfo_endpoint" in self.openid_config else {}
        if told and told.get("sub") != claims["sub"]:
            raise OAuth2Error("the provider tells of somebody else than the ID token")
        return self.get_provider().sociallogin_from_response(request, {**told, **claims})

    def _verified(self, app: Any, id_token: str) -> dict[str, Any]:
        config, wanted = self.openid_config, _oidc().issuer.rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != wanted:
            raise OAuth2Error("the provider calls itself otherwise than OIDC_ISSUER")
        try:
            header = jwt.get_unverified_header(id_token)
            keys = jwt.PyJWKSet.from_dict(self._keys(config["jwks_uri"])).keys
            fitting = [one for one in keys if header.get("kid") in (None, one.key_id)]
            if header.get("alg") not in _ALGORITHMS or len(fitting) != 1:
                raise OAuth2Error("the ID token is signed by no key of the provider")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                fitting[0].key,
                algorithms=[header["alg"]],
                audience=app.client_id,
                issuer=config["issuer"],
                leeway=_LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            raise OAuth2Error(f"the ID token is not good: {error}") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the ID token is for another client")
        if not self.nonce or not constant_time_compare(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("the ID token was asked for by another browser")
        return claims

    def _keys(self, address: str) -> dict[str, Any]:
        from allauth.socialaccount.adapter import get_adapter

        with get_adapter().get_requests_session() as session:
            response = session.get(address)
            response.raise_for_status()
            found: dict[str, Any] = response.json()
            return found


class Callback(OAuth2CallbackView):
    """allauth's own; it tells the adapter which nonce was asked for."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


class SignInAdapter(DefaultSocialAccountAdapter):
    """Takes over as soon as allauth knows who it is: signs them in, or says why not."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Sign in, and let allauth do nothing more."""
        raise ImmediateHttpResponse(_signed_in(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,  # noqa: ARG002 -- allauth's signature
        **about: Any,
    ) -> None:
        """One page for whatever went wrong; the log has more."""
        logger.warning("single sign-on failed", error=str(about.get("exception") or about.get("error")))
        audit.record_failure(action="user.sign_in_failed", target="")
        raise ImmediateHttpResponse(_refused(request))


@login_not_required
@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send somebody to the identity provider, with state, nonce and PKCE."""
    nonce = secrets.token_urlsafe(32)
    wanted = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        wanted = settings.LOGIN_REDIRECT_URL
    adapter = Provider(request, PROVIDER)
    provider = adapter.get_provider()
    provider.get_oauth2_adapter = lambda _request: adapter
    try:
        sent: HttpResponse = provider.redirect(
            request, "login", next_url=wanted, auth_params={"nonce": nonce}, nonce=nonce
        )
    except (OSError, ValueError, KeyError) as error:
        logger.warning("the identity provider cannot be asked", error=str(error))
        return _refused(request)
    return sent


@login_not_required
@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Where the identity provider sends them back to."""
    try:
        answer: HttpResponse = Callback.adapter_view(Provider(request, PROVIDER))(request)
    except (OSError, ValueError, KeyError) as error:
        logger.warning("the identity provider cannot be asked", error=str(error))
        return _refused(request)
    return answer


urlpatterns = [
    path("sign-in/sso/", begin, name="sso"),
    path("sign-in/sso/callback/", callback, name="sso-callback"),
]


def _signed_in(request: HttpRequest, found: SocialLogin) -> HttpResponse:
    user = found.user if found.is_existing else _at_first(request, found)
    with transaction.atomic():
        if not user.is_active:
            audit.record_failure(action="user.sign_in_failed", target=user.get_username())
            return _refused(request)
        _give_roles(user, found.account.extra_data.get(_oidc().groups_claim))
    login(request, user, backend=_BACKEND)
    return HttpResponseRedirect(found.state.get("next") or settings.LOGIN_REDIRECT_URL)


def _at_first(request: HttpRequest, found: SocialLogin) -> Any:
    """Their new sign-in, or the one that they got in another tab at this moment; a name that was just taken is not."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _new_user(request, found)
        except IntegrityError:
            found.user = get_user_model()()
            found.lookup()
            if found.is_existing:
                return found.user
    raise OAuth2Error("every name that was tried was taken at the same moment")


def _new_user(request: HttpRequest, found: SocialLogin) -> Any:
    """A sign-in of their own. Nobody becomes somebody who is here already by bearing their name or address."""
    claims, users = found.account.extra_data, get_user_model().objects
    wanted = re.sub(r"[^\w.@+-]", "", str(claims.get("preferred_username") or claims["sub"]))[:120] or "person"
    name, number = wanted, 2
    while users.filter(username__iexact=name).exists():
        name, number = f"{wanted}-{number}", number + 1
    # Rows of a try before were taken back.
    found.user.pk, found.user._state.adding = None, True
    found.account.pk, found.account._state.adding = None, True
    found.user.username = name
    found.user.email = ""
    found.user.set_unusable_password()
    found.email_addresses = []
    found.save(request)
    audit.record(actor=found.user, action="user.created", target=name, details={"by": "single sign-on"})
    return found.user


def _give_roles(user: Any, groups: Any) -> None:
    """The roles of just these groups; what is not known here yet is given at a later sign-in."""
    named = {str(one) for one in groups} if isinstance(groups, list) else {groups} if isinstance(groups, str) else set()
    wanted: dict[str, list[Role]] = {}
    for one in _oidc().roles:
        if one.group in named:
            wanted.setdefault(one.target, []).append(Role(one.role))
    roles = {target: role for target, some in wanted.items() if (role := highest(some)) is not None}
    accounts = {account: roles[account.number] for account in Account.objects.filter(number__in=roles)}
    organizations = {one: roles[one.org_id] for one in Organization.objects.filter(org_id__in=roles)}
    services.group_roles_set(user=user, accounts=accounts, organizations=organizations)


def _refused(request: HttpRequest) -> HttpResponse:
    return render(request, "sign_in/refused.html", {"title": "Single sign-on did not let you in"}, status=403)


def _oidc() -> OidcSettings:
    return cast("OidcSettings", settings.OIDC)
