"""Pages under /sent; mounted only where SENT_MESSAGES_DIR is set."""

from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from local.authenticator import code_now
from local.demo_login import ADMIN_KEY
from local.sent_messages import MOST_SHOWN, Sent, find_mail, newest
from peepopay.methods import require_safe


@never_cache
@require_safe
@csp_replace({"frame-src": [SELF]})
def everything(request: HttpRequest) -> HttpResponse:
    sent = newest(Path(settings.SENT_MESSAGES_DIR))
    context = {"sent": sent, "most_shown": MOST_SHOWN, "admin_code": code_now(ADMIN_KEY)}
    return render(request, "local/sent.html", context)


@never_cache
@require_safe
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]  # it takes any view; its annotation says: without arguments
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:", "https:"],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
)
def html_part(request: HttpRequest, name: str) -> HttpResponse:
    """The mail as a mail program would show it: styles and pictures, no scripts, no forms."""
    html = mail_or_404(name).html
    # Its links lead to pages that refuse to be framed.
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@never_cache
@require_safe
def attachment(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """As a download. `number` counts from 0."""
    attachments = mail_or_404(name).attachments
    if number >= len(attachments):
        raise Http404
    chosen = attachments[number]
    quoted = chosen.name.replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{quoted}"'}
    return HttpResponse(chosen.content, content_type=chosen.kind, headers=headers)


def mail_or_404(name: str) -> Sent:
    mail = find_mail(Path(settings.SENT_MESSAGES_DIR), name)
    if mail is None:
        raise Http404
    return mail


urlpatterns = [
    path("sent", everything, name="sent"),
    path("sent/mail/<str:name>/html", html_part, name="sent_html"),
    path("sent/mail/<str:name>/attachments/<int:number>", attachment, name="sent_attachment"),
]
