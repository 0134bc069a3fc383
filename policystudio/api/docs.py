"""The OpenAPI document and the page that shows it, served from our own files: it works offline and under our CSP."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = SpectacularAPIView.as_view(api_version="v1")
swagger = SpectacularSwaggerSplitView.as_view(url_name="schema")
