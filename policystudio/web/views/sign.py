"""Signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView

from policystudio.web.forms import SignInForm

sign_in = LoginView.as_view(
    template_name="sign_in/sign_in.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
    http_method_names=["get", "head", "post", "options"],
)
# A password costs time to check: not as often as one likes.
sign_in.rate_scope = "sign-in"  # type: ignore[attr-defined]  # functions may bear attributes
sign_out = LogoutView.as_view()
