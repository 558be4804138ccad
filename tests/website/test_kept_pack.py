"""The pack that one process kept is taken by the next, and never one of other files or of another program."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from django.conf import settings

from qingmiao.content import load_pack
from qingmiao.content.load import digest_of
from qingmiao.site import pack as site_pack

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def county(tmp_path, monkeypatch) -> Path:
    """A pack of its own, that extends the country's, and a home of its own."""
    shutil.copytree(ROOT / "content" / "xiangning", tmp_path / "content" / "xiangning")
    (tmp_path / "content" / "china").symlink_to(ROOT / "content" / "china")
    monkeypatch.setattr(settings, "HOME", tmp_path / "home")
    (tmp_path / "home").mkdir()
    site_pack.forget()
    yield tmp_path / "content" / "xiangning"
    site_pack.forget()


def kept() -> list[Path]:
    return sorted((settings.HOME / site_pack.FOLDER).glob("*"))


@pytest.fixture
def never(monkeypatch):
    def refuse(*args):
        raise AssertionError("read again")

    return lambda: monkeypatch.setattr(site_pack, "load_pack", refuse)


def test_the_next_process_reads_no_file_again_and_has_the_same(county, never):
    first = site_pack._loaded(county)
    assert first == load_pack(county)
    assert digest_of(county) == first.digest
    assert len(kept()) == 1
    site_pack.forget()
    never()
    assert site_pack._loaded(county) == first


def test_other_files_another_program_another_place_are_read_anew(county, monkeypatch, tmp_path):
    first = site_pack._loaded(county)
    (policy,) = county.glob("policy.yaml")
    policy.write_text(policy.read_text("utf-8") + "\n# 改过\n", "utf-8")
    site_pack.forget()
    second = site_pack._loaded(county)
    assert second.digest != first.digest
    assert len(kept()) == 1
    was = kept()
    monkeypatch.setattr(site_pack, "program", lambda: "newer")
    site_pack.forget()
    assert site_pack._loaded(county) == second
    assert len(kept()) == 1
    assert kept() != was


@pytest.mark.parametrize("damage", [b"", b"\x80", b"not a pickle", pickle.dumps({"id": "xiangning"})])
def test_a_damaged_file_is_made_again(county, damage):
    first = site_pack._loaded(county)
    (path,) = kept()
    whole = path.read_bytes()
    path.write_bytes(damage)
    site_pack.forget()
    assert site_pack._loaded(county) == first
    assert path.read_bytes() == whole


def test_a_full_disk_costs_time_and_nothing_else(county, monkeypatch):
    def full(path, data):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(site_pack, "write_whole", full)
    assert site_pack._loaded(county).digest == digest_of(county)
    assert kept() == []


def test_only_the_owner_can_open_the_folder(county):
    site_pack._loaded(county)
    assert (settings.HOME / site_pack.FOLDER).stat().st_mode & 0o077 == 0
