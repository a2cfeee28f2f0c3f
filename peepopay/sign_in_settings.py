"""How people sign in: by e-mail address, through allauth. The same in every installation; what differs stands in
settings.py.
"""

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
ACCOUNT_ADAPTER = "web.sign_in.adapter.Adapter"
ACCOUNT_FORMS = {
    "signup": "web.sign_in.forms.SignUp",
    "set_password": "web.sign_in.forms.SetPassword",
    "request_login_code": "web.sign_in.forms.AskForCode",
    "confirm_login_code": "web.sign_in.forms.EnterCode",
    "change_password": "web.sign_in.forms.ChangePassword",
    "reset_password_from_key": "web.sign_in.forms.ChooseNewPassword",
}
MFA_ADAPTER = "web.sign_in.passkeys.SecondFactors"
MFA_FORMS = {
    "activate_totp": "web.sign_in.forms.SetUpAuthenticator",
    "add_webauthn": "web.sign_in.passkeys.AddPasskey",
    "authenticate_webauthn": "web.sign_in.passkeys.SecondStep",
    "edit_webauthn": "web.sign_in.passkeys.RenamePasskey",
    "login_webauthn": "web.sign_in.passkeys.SignIn",
    "reauthenticate_webauthn": "web.sign_in.passkeys.OnceMore",
}
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
MFA_TOTP_ISSUER = "PeepoPay"
SOCIALACCOUNT_ADAPTER = "web.sign_in.google.Google"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # whom the adapter lets in by their address
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a change of e-mail address or second factor
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # or whoever guesses could keep its owner out of a fresh password
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Per address (IPv6 by /64) and per account. What is mailed is bounded in web/sign_in/mails.py, so that nobody can use
# up the owner's mails and have them refused the next.
ACCOUNT_RATE_LIMITS = {
    "login": None,  # counted in the adapter, which can tell a browser that the account knows
    "login_by_password": "30/m/ip",
    # Apart: whoever passes a second step, or resets a password, clears the counts of the account in "login_failed".
    "login_failed": "5/5m/key",
    "login_failed_from_address": "10/m/ip",
    "login_failed_in_known_browser": "5/5m/key",
    "request_login_code": "20/m/ip",
    "reset_password": "20/m/ip",
}
