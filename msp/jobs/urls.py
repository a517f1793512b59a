from __future__ import annotations

from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("system/", views.system, name="system"),
    path("system/queues/<str:queue_name>/<uuid:due_row_id>/retry", views.retry, name="retry"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
]
