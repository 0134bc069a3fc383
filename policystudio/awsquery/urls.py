"""The addresses below `/aws`: SDKs append a slash to their endpoint, or not."""

from django.urls import path

from policystudio.awsquery import views

app_name = "awsquery"
urlpatterns = [
    path("aws", views.aws_query, name="query"),
    path("aws/", views.aws_query, name="query_root"),
]
