from django.apps import AppConfig
from django.contrib.admin import apps as admin


class WebConfig(AppConfig):
    name = "web"
    default = True


class OperatorAdminConfig(admin.AdminConfig):
    """Django's admin, with our way in. The site lies outside of `web/admin/`, which can't be loaded without one."""

    default_site = "web.operator_site.OperatorSite"
    default = False
