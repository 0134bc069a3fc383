"""Signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView

from policystudio.web.forms import SignInForm

sign_in = LoginView.as_view(
    template_name="sign_in/sign_in.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
    http_method_names=["get", "head", "post", "options"],
)
sign_out = LogoutView.as_view()
