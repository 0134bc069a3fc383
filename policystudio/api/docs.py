"""The OpenAPI document and the page that shows it, served from our own files: it works offline and under our CSP."""

from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class SchemaView(SpectacularAPIView):
    """The document, of the one version that there is."""

    def _get_version_parameter(self, _request: Request) -> None:
        """None: what a client calls a version would stand in a header of the answer, line breaks and all."""


schema = SchemaView.as_view()
# drf-spectacular's own page has an inline style and an inline script, so ours takes its place.
swagger = TemplateView.as_view(template_name="api/docs.html")
