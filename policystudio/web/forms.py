"""The forms that change something. (The simulator's questions are addresses, see `asking.py`.)"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, PasswordChangeForm

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.findings import services as findings
from policystudio.findings.models import Finding, Waiver


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": "The user name or the password is not right. Both are case-sensitive.",
        "inactive": "This sign-in was switched off. Ask an administrator of Policy Studio.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["username"].label = "User name"
        self.fields["username"].widget.attrs.update(autofocus=True, autocapitalize="none", spellcheck="false")


class CodeForm(forms.Form):
    """A code of the second factor, or a recovery code."""

    code = forms.CharField(label="Code", max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["code"].widget.attrs.update(autocomplete="one-time-code", autocapitalize="none", spellcheck="false")


class PasswordForm(forms.Form):
    """One's password, given again."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class NewPasswordForm(PasswordChangeForm):
    """The password as it is, and a new one twice."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "The password is not right.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["old_password"].label = "Password as it is"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].label = "New password"
        self.fields["new_password1"].help_text = "At least 8 characters, not only digits, none that many people use."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""


class MemberForm(forms.Form):
    """A role in an account or an organization, for somebody whom ``by`` may know of."""

    user = forms.CharField(label="Sign-in name", max_length=150)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER)

    def __init__(self, by: AbstractBaseUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.label_suffix = ""
        self.fields["user"].widget.attrs.update(autocapitalize="none", spellcheck="false", autocomplete="off")

    def clean_user(self) -> AbstractBaseUser:
        """The one who signs in by that name; of somebody unknown to ``by`` the same is said as of nobody."""
        name = self.cleaned_data["user"].strip()
        user = accounts.person_known(name, by=self.by, accounts=accounts.accounts_visible_to(self.by))
        if user is None:
            raise forms.ValidationError(
                f"Nobody called `{name}` has a role in an account that you see: check the spelling, or invite them"
            )
        return user


class InvitationForm(forms.Form):
    """Whom to invite, and in which role."""

    addressee = forms.CharField(label="Name or e-mail address", max_length=254)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "invite_%s"  # there is another form with a role on the page
        self.label_suffix = ""
        self.fields["addressee"].widget.attrs.update(autocapitalize="none", spellcheck="false", autocomplete="off")


class NewSignInForm(BaseUserCreationForm):
    """Name and password of somebody who is new here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["username"].label = "User name"
        self.fields["username"].help_text = ""
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["password1"].help_text = "At least 8 characters, not only digits, none that many people use."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""
        taken = {"unique": "This name cannot be used: choose another."}
        self.fields["username"].error_messages.update(taken)

    def clean_username(self) -> str:
        """A name that differs from all others in more than the case of its letters."""
        name: str = self.cleaned_data["username"]
        if get_user_model().objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("This name cannot be used: choose another.")
        return name


class WaiverForm(forms.Form):
    """Why a finding may stay, who answers for it, and until when."""

    reason = forms.CharField(
        label="Reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 3, "class": "prose"})
    )
    owner = forms.CharField(label="Owner", max_length=150, help_text="The sign-in name of who answers for it.")
    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day, at most a year from now.",
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, account: Account, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.label_suffix = ""
        self.fields["owner"].widget.attrs.update(autocapitalize="none", spellcheck="false", autocomplete="off")
        self.fields["until"].widget.attrs.update(min=today.isoformat(), max=(today + findings.LONGEST).isoformat())

    def clean_owner(self) -> AbstractBaseUser:
        """The one who signs in by that name; that they see the account is the service's to say."""
        name = self.cleaned_data["owner"].strip()
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise forms.ValidationError(f"`{name}` has no role in {self.account.name}: name one of its members")
        return user

    def grant(self, *, by: AbstractBaseUser, now: datetime, finding: Finding | None = None, code: str = "") -> bool:
        """Waive a finding or a code; False where the form must be shown again, with what is wrong."""
        return self._try(findings.waiver_grant, by=by, account=self.account, finding=finding, code=code, now=now)

    def change(self, *, by: AbstractBaseUser, waiver: Waiver, now: datetime) -> bool:
        """Change a waiver; False where the form must be shown again."""
        seen = self["seen"].value() or ""
        return self._try(findings.waiver_change, by=by, waiver=waiver, now=now, seen=seen)

    def _try(self, service: Callable[..., Waiver], **arguments: Any) -> bool:
        if not self.is_valid():
            return False
        try:
            service(**arguments, **{name: self.cleaned_data[name] for name in ("reason", "owner", "until")})
        except findings.WaiverError as error:
            for name, text in error.problems.items():
                self.add_error(name if name in self.fields else None, f"It {text}." if name == "until" else f"{text}.")
            return False
        return True


class ImportForm(forms.Form):
    """An account export, and where it goes."""

    file = forms.FileField(
        label="Export file",
        help_text="The answer of aws iam get-account-authorization-details, as JSON. Several pages one after the "
        "other, or in a list, are fine, packed by gzip or zip too.",
    )
    name = forms.CharField(
        label="Account name",
        max_length=Account._meta.get_field("name").max_length,
        required=False,
        help_text="How people call the account. Leave it empty to keep the name of an account that is known.",
    )
    organization = forms.CharField(
        label="Organization",
        max_length=34,
        required=False,
        help_text="The id of an organization that was imported before, such as o-a1b2c3d4e5. Empty: as it is.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
