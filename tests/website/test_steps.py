"""The matrix of steps: every door's steps × every role × how the person stands to it, each really tried and undone."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from qingmiao.site.apps.directory import access
from website import filed_steps as filed
from website import jobbed_cases
from website.measured import a_run
from website.stepping import JOB, MAKERS, Square, World, with_roles

assert get_resolver().url_patterns  # with its pages, every app has registered its doors


@pytest.fixture
def world(directory: None, pack, monkeypatch: pytest.MonkeyPatch) -> World:
    filed.private.times_set(monkeypatch)
    jobbed_cases.known(monkeypatch, pack)
    return World(pack, a_run())


def test_every_door_has_things_to_try() -> None:
    assert set(access.DOORS) == set(MAKERS)


def wrong(world: World, square: Square) -> bool:
    """Whether a square is red: the right person did not succeed, or anybody else found anything there."""
    return world.outcome(square) != square.expected


@pytest.mark.django_db
def test_each_step_succeeds_for_whom_it_names_and_is_absent_for_everybody_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    squares = [s for model in MAKERS for s in world.squares(model)]
    red = [f"{s}: {world.outcome(s)}, expected {s.expected}" for s in squares if wrong(world, s)]
    assert red == []
    allowed = sum(s.expected == "done" for s in squares)
    with capsys.disabled():
        print(f"\n{len(squares)} steps tried at the doors: {allowed} done, {len(squares) - allowed} refused")


@pytest.mark.django_db
def test_each_permission_of_a_step_taken_away_or_given_to_all_turns_the_matrix_red(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The squares are made from the right tables; the doors then work with a wrong one."""
    taken = given = 0
    for model in MAKERS:
        squares = list(world.squares(model))
        for line in world.flow(model).steps:
            of = [s for s in squares if s.line is line and s.role != JOB]
            ways = [(line.roles - {role}, role) for role in sorted(line.roles)]
            for roles, role in [*ways, (frozenset(world.roles_of(model)), "")]:
                told = [s for s in of if (s.expected == "done") == bool(role)]
                noticing = sorted(told, key=lambda s: s.role != role)  # first whoever lost it: one square is enough
                with monkeypatch.context() as patched:
                    patched.setitem(access.DOORS, model, with_roles(model, line, roles, world))
                    if not role and (model, line.name) in filed.LEADING:  # both doors would have to be wrong
                        other, step = filed.LEADING[model, line.name]
                        (led,) = world.flow(other).named(step)
                        patched.setitem(access.DOORS, other, with_roles(other, led, roles, world))
                    red = any(wrong(world, s) for s in noticing)
                assert red, f"{model.__name__}.{line.name}: {role or 'everybody'}"
                taken, given = taken + bool(role), given + (not role)
    assert taken >= len(access.DOORS)
    assert given >= len(access.DOORS)
    with capsys.disabled():
        print(f"\n{taken} permissions of steps taken away and {given} steps given to all in turn, each noticed")
