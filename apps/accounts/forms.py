"""The forms of the pages where people sign in and look after their account."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldBooleanSwitchWidget

from apps.accounts.models import Practice, User


class SignInForm(LoginForm):
    """A user name and a password, under the names that password managers and scripts know."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)


class NewPasswordForm(ChangePasswordForm):
    """A password that was given to somebody is not what they choose."""

    def clean_password1(self) -> str:
        new: str = self.cleaned_data["password1"]
        if new == self.data.get("oldpassword"):
            raise forms.ValidationError(gettext("This is the password that you have. Choose another."))
        return new


class PracticeForm(forms.Form):
    """Which of their practices a user works in now."""

    practice = forms.ModelChoiceField(Practice.objects.none(), label=_("practice"), empty_label=None)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["practice"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = user.practices
        field.initial = user.practice_id


class MadeUserForm(UserCreationForm):
    """A user whom an administrator makes, with a password that is to be changed unless it is said otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "must_change_password" in self.fields:
            self.fields["must_change_password"].initial = True


class GivenPasswordForm(AdminPasswordChangeForm):
    """A password that an administrator gives to somebody else."""

    must_change_password = forms.BooleanField(
        label=_("Must choose a password of their own at the next sign-in"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = self.cleaned_data["must_change_password"]
        user: User = super().save(commit)
        return user
