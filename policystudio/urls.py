"""The addresses, one file for each prefix."""

from django.contrib import admin
from django.urls import include, path

from policystudio.api import docs
from policystudio.lib import health, metrics_page
from policystudio.web.views import sign

handler500 = "policystudio.lib.unavailable.failed"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics_page.metrics, name="metrics"),
    path("admin/login/", sign.admin_sign_in, name="admin-sign-in"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("policystudio.api.urls")),
    path("api/schema/", docs.schema, name="schema"),
    path("api/docs/", docs.swagger, name="swagger"),
    path("", include("policystudio.awsquery.urls")),
    path("", include("policystudio.web.urls")),
]
