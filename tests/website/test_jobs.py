"""Background jobs: what an app's tasks.py declares is known to the workers, and one of them serves its queue."""

from __future__ import annotations

import ast
from pathlib import Path

from django.apps import apps
from procrastinate.contrib.django import app


def declared() -> dict[str, str]:
    """Name → queue of every job, as written in the decorators of the installed apps' tasks.py."""
    found = {}
    ours = [Path(a.path, "tasks.py") for a in apps.get_app_configs() if a.name.startswith("qingmiao.")]
    for path in filter(Path.is_file, ours):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "task":
                words = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
                found[words["name"]] = words["queue"]
    return found


def test_every_job_is_known_to_the_workers_under_its_name_and_queue():
    jobs = declared()
    assert {"monitoring.refresh", "audit.anchor"} <= set(jobs)
    assert {name: app.tasks[name].queue for name in jobs if name in app.tasks} == jobs


def test_no_job_stands_outside_an_apps_own_file():
    ours = {name for name, task in app.tasks.items() if task.func.__module__.startswith("qingmiao.")}
    assert ours == set(declared())


def test_what_runs_in_a_worker_itself_imports_no_models():
    """The worker has no models: what a job's own function needs of an app it does in a child."""
    ours = [Path(a.path, "tasks.py") for a in apps.get_app_configs() if a.name.startswith("qingmiao.")]
    found = []
    for path in filter(Path.is_file, ours):
        tree = ast.parse(path.read_text("utf-8"))
        inside = [n for f in ast.walk(tree) if isinstance(f, ast.AsyncFunctionDef) for n in ast.walk(f)]
        for node in (*tree.body, *inside):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [f"{getattr(node, 'module', '')}.{a.name}" for a in node.names]
                found += [f"{path.parent.name}: {n}" for n in names if {"models", "db"} & set(n.split("."))]
    assert found == []
