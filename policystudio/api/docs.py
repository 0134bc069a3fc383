"""The OpenAPI document and the page that shows it, served from our own files: it works offline and under our CSP."""

from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView

schema = SpectacularAPIView.as_view()
# drf-spectacular's own page has an inline style and an inline script, so ours takes its place.
swagger = TemplateView.as_view(template_name="api/docs.html")
