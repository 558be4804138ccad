"""The addresses of the interface."""

from __future__ import annotations

from django.urls import path

from qingmiao.site.web.api.fhir import children, definitions, events, findings, views

urlpatterns = [
    path("metadata", views.metadata, name="fhir.metadata"),
    path("$validate", views.validate, name="fhir.validate"),
    path("<str:kind>/$validate", views.validate, name="fhir.validate.type"),
    path("<str:kind>/$<str:name>", views.asked_of_codes, name="fhir.codes"),
    path("Patient/<str:id>/$everything", views.everything, name="fhir.everything"),
    path("<str:kind>/<str:id>/$<str:name>", views.asked_of_codes, name="fhir.codes.one"),
    path("<str:kind>/_search", views.posted_search, name="fhir.search"),
    path("<str:kind>", views.of_type, name="fhir.type"),
    path("<str:kind>/<str:id>", views.one, name="fhir.one"),
    path("<str:kind>/<str:id>/_history", views.versions, name="fhir.versions"),
    path("<str:kind>/<str:id>/_history/<str:number>", views.one_version, name="fhir.version"),
]
assert all((children, definitions, events, findings))  # each registers what it answers for
