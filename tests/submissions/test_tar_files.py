"""Tars, compressed or not, are read as zips are: nothing is unpacked to disk, and everything is bounded."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from autograder.submissions import tar_files
from autograder.submissions.members import MAX_FILE_BYTES
from autograder.submissions.submission import Submission, SubmissionError, submission_in_archive
from tests.submissions.making import GOOD, MLP, OTHER, SOFTMAX, fill, read, tarred, zipped

COMPRESSIONS = ["", "gz", "bz2", "xz"]


def read_tar(data: bytes, name: str = "durand.tar.gz") -> Submission:
    return submission_in_archive(data, name, "durand")


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_an_ordinary_tar(durand: Path, compression: str) -> None:
    data = tarred((f"work/{MLP}", GOOD), (f"work/{SOFTMAX}", OTHER), ("work/._x.py", b""), compression=compression)
    result = read(fill(durand, {f"work.tar.{compression}".rstrip("."): data}))
    assert (result.files, result.problems, result.notes) == ({MLP: GOOD, SOFTMAX: OTHER}, {}, ())


@pytest.mark.parametrize("name", ["work.tgz", "work.tbz2", "work.txz", "work (1).tar.gz", "work.zip"])
def test_the_first_bytes_say_what_an_archive_is(durand: Path, name: str) -> None:
    assert read(fill(durand, {name: tarred((MLP, GOOD), compression="gz")})).files == {MLP: GOOD}


def test_a_zip_named_as_a_tar_is_read(durand: Path) -> None:
    assert read(fill(durand, {"work.tar.gz": zipped({MLP: GOOD})})).files == {MLP: GOOD}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_in_each_format(form: int) -> None:
    folder = "a" * 80 + "/" + "b" * 80
    assert read_tar(tarred((f"{folder}/{MLP}", GOOD), format=form)).files == {MLP: GOOD}


def test_several_compressed_streams_are_one_file() -> None:
    data = tarred((MLP, GOOD), (SOFTMAX, OTHER))
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert read_tar(pack(data[:700]) + pack(data[700:])).files == {MLP: GOOD, SOFTMAX: OTHER}


def test_a_tar_in_a_zip_and_a_zip_in_a_tar(durand: Path) -> None:
    inner = tarred((MLP, GOOD), compression="gz")
    assert read(fill(durand, {"a.zip": zipped({"x/b.tar.gz": inner})})).files == {MLP: GOOD}
    assert read_tar(tarred(("b.zip", zipped({MLP: GOOD})))).files == {MLP: GOOD}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_is_a_problem_and_is_not_followed(kind: bytes) -> None:
    result = read_tar(tarred((SOFTMAX, GOOD), (special(MLP, kind, SOFTMAX), b"")))
    assert result.files == {SOFTMAX: GOOD}
    assert "is a link, which is never followed" in result.problems[MLP]


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_a_special_file_is_a_problem(kind: bytes) -> None:
    result = read_tar(tarred((SOFTMAX, GOOD), (special(MLP, kind), b"")))
    assert "is not a regular file" in result.problems[MLP]


@pytest.mark.parametrize(
    ("name", "phrase"), [(f"/{MLP}", "absolute"), (f"../{MLP}", "'..'"), (f"C:\\{MLP}", "absolute")]
)
def test_a_bad_path_is_a_problem(name: str, phrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert phrase in read_tar(tarred((SOFTMAX, GOOD), (name, GOOD))).problems[MLP]
    assert list(tmp_path.rglob("*")) == []


def test_a_file_that_is_too_large_is_a_problem() -> None:
    result = read_tar(tarred((MLP, bytes(MAX_FILE_BYTES + 1)), (SOFTMAX, GOOD), compression="gz"))
    assert result.files == {SOFTMAX: GOOD}
    assert "larger than 1 MiB" in result.problems[MLP]


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz"])
def test_a_bomb_is_stopped_while_it_is_unpacked(monkeypatch: pytest.MonkeyPatch, compression: str) -> None:
    monkeypatch.setattr(tar_files, "MAX_UNPACKED_BYTES", 4 << 20)
    data = tarred(("data.bin", bytes(64 << 20)), (MLP, GOOD), compression=compression)
    assert len(data) < 1 << 16
    tracemalloc.start()
    with pytest.raises(
        SubmissionError, match=r"^durand\.tar\.gz unpacks to more than 4 MiB: pack your exercises without"
    ):
        read_tar(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_data_files_are_skipped_and_not_kept() -> None:
    data = tarred(("data/train.npz", bytes(24 << 20)), (MLP, GOOD), compression="gz")
    tracemalloc.start()
    result = read_tar(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.files == {MLP: GOOD}
    assert peak < 4 << 20


def test_what_is_kept_is_bounded_for_all_files_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_files, "MAX_KEPT_BYTES", 1000)
    result = read_tar(tarred((SOFTMAX, bytes(1200)), (MLP, GOOD)))
    assert result.files.keys() == {SOFTMAX}
    assert "was not read: the archive has more than" in result.problems[MLP]


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_files, "MAX_ENTRIES", 30)
    with pytest.raises(SubmissionError, match="holds more than 30 files"):
        read_tar(tarred(*((f"{number}.png", b"") for number in range(40))))


def test_a_header_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    data = tarred((special("././@LongLink", tarfile.GNUTYPE_LONGNAME), bytes(1 << 20)), (MLP, GOOD))
    with pytest.raises(SubmissionError, match="is an unusual tar archive: pack the folder as"):
        read_tar(data)


def test_headers_that_are_copied_for_each_member_are_limited() -> None:
    headers = {f"SCHILY.x{number}": "y" for number in range(200)}
    with pytest.raises(SubmissionError, match="is an unusual tar archive"):
        read_tar(tarred((MLP, GOOD), format=tarfile.PAX_FORMAT, pax_headers=headers))


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_cut_off_archive_says_so(compression: str) -> None:
    data = tarred((MLP, bytes(range(256)) * 20), (SOFTMAX, GOOD), compression=compression)
    cut = data[: 3000 if not compression else len(data) - 20]
    with pytest.raises(SubmissionError, match=r"^durand\.tar\.gz is (cut off or damaged|a compressed file).*as \.zip"):
        read_tar(cut)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_that_is_no_tar_says_so(pack: type) -> None:
    with pytest.raises(SubmissionError, match="is a compressed file, but not a tar archive"):
        read_tar(pack(b"print('hello')\n" * 100))


@pytest.mark.parametrize("compression", ["", "gz"])
def test_damage_raises_only_submission_errors(compression: str) -> None:
    data = tarred((MLP, GOOD), ("p1_mlp/helper.py", b"y = 1\n"), compression=compression)
    for at in range(0, min(len(data), 2600), 5 if not compression else 1):
        for value in (0x00, 0xFF, data[at] ^ 1):
            try:
                read_tar(data[:at] + bytes([value]) + data[at + 1 :])
            except SubmissionError:
                continue


def test_an_empty_tar_says_so() -> None:
    with pytest.raises(SubmissionError, match=r"^durand\.tar\.gz is empty"):
        read_tar(tarred(compression="gz"))
