"""Files are there whole or not at all, on a full disk too."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from qingmiao.kernel.whole_files import beside, settle, whole, write_all, write_whole


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_fails_leaves_the_older_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a.txt"
    write_whole(place, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as told:
        write_whole(place, b"new")
    assert told.value.filename == str(place), "the file that was wanted is named, not the one beside it"
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.txt": b"old"}


def test_the_writer_may_fail_half_way(tmp_path: Path) -> None:
    def fails() -> None:
        with whole(tmp_path / "a.txt") as part:
            part.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_of_several_files_none_is_moved_before_all_are_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"old")
    with pytest.raises(FileNotFoundError) as told:
        write_all({tmp_path / "a": b"new", tmp_path / "none" / "b": b"new"})
    assert told.value.filename == str(tmp_path / "none" / "b")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"old"}
    write_all({tmp_path / "a": b"new", tmp_path / "b": b"new"})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"new", "b": b"new"}


def test_a_name_beside_is_nobody_elses_and_fits_the_file_system(tmp_path: Path) -> None:
    long = tmp_path / ("监" * 80 + ".pdf")
    with beside(long) as one, beside(long) as other:
        assert one != other
        one.write_bytes(b"1")
        settle(one, long)
    assert long.read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [long]
