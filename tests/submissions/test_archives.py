"""Hostile and broken zips: nothing is unpacked to disk, and no length that they state is trusted."""

from __future__ import annotations

import io
import random
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from autograder.submissions.archives import list_archive
from autograder.submissions.entries import Entry, read_entry
from autograder.submissions.members import MAX_ENTRIES, MAX_FILE_BYTES, MAX_TOTAL_BYTES, Listing, Unusable
from autograder.submissions.submission import Submission, SubmissionError, submission_in_archive

MLP = "p1_mlp/mlp_nn.py"
SOFTMAX = "p1_mlp/softmax_cross_entropy.py"
GOOD = b"x = 1\n"


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members, in this order. A name may occur twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that comes twice
        for name, data in members:
            archive.writestr(name, data, compress_type=method)
    return out.getvalue()


def read(data: bytes) -> Submission:
    return submission_in_archive(data, "alice.zip", "alice")


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def patched(data: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in data
    assert len(old) == len(new)
    return data.replace(old, new, count)


def set_headers(data: bytes, field: str, value: int) -> bytes:
    """Writes `value` into a field of all headers, local (first offset) and of the table (second)."""
    offsets = {"flags": (6, 8, "<H"), "method": (8, 10, "<H"), "crc": (14, 16, "<L"), "size": (22, 24, "<L")}[field]
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", offsets[0]), (b"PK\x01\x02", offsets[1])):
        at = data.find(signature)
        while at >= 0:
            struct.pack_into(offsets[2], changed, at + offset, value)
            at = data.find(signature, at + 1)
    return bytes(changed)


def test_an_ordinary_zip() -> None:
    result = read(packed((MLP, GOOD), (SOFTMAX, b"y = 2\n")))
    assert (result.files, result.problems, result.notes) == ({MLP: GOOD, SOFTMAX: b"y = 2\n"}, {}, ())


def test_stored_members_are_read_too() -> None:
    assert read(packed((MLP, GOOD), method=zipfile.ZIP_STORED)).files == {MLP: GOOD}


def test_a_zip_made_by_macos() -> None:
    data = packed(
        ("exercises/", b""), (f"exercises/{MLP}", GOOD), ("__MACOSX/exercises/p1_mlp/._mlp_nn.py", b"\0"),
        ("exercises/.DS_Store", b"\0"), ("exercises/p1_mlp/._mlp_nn.py", b"\0"),
    )  # fmt: skip
    result = read(data)
    assert (result.files, result.problems, result.notes) == ({MLP: GOOD}, {}, ())


def test_backslashes_separate_folders() -> None:
    assert read(packed(("alice\\exercises\\p1_mlp\\mlp_nn.py", GOOD))).files == {MLP: GOOD}


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("/p1_mlp/mlp_nn.py", "absolute"),
        ("\\p1_mlp\\mlp_nn.py", "absolute"),
        ("C:/p1_mlp/mlp_nn.py", "absolute"),
        ("c:\\p1_mlp\\mlp_nn.py", "absolute"),
        ("//host/share/p1_mlp/mlp_nn.py", "absolute"),
        ("../p1_mlp/mlp_nn.py", "'..'"),
        ("..\\..\\p1_mlp\\mlp_nn.py", "'..'"),
        ("x/../../p1_mlp/mlp_nn.py", "'..'"),
        ("p1_mlp/../p1_mlp/mlp_nn.py", "'..'"),
    ],
)
def test_an_exercise_with_a_bad_path_is_a_problem_and_affects_only_itself(name: str, phrase: str) -> None:
    result = read(packed((name, GOOD), (SOFTMAX, GOOD)))
    assert result.files == {SOFTMAX: GOOD}
    assert phrase in result.problems[MLP]
    assert "pack your folder again" in result.problems[MLP]


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.py", "/root/x.py", "C:\\x.py", "../x.py"])
def test_any_other_member_with_a_bad_path_is_reported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = read(packed((name, b"evil"), (MLP, GOOD)))
    assert (result.files, result.problems) == ({MLP: GOOD}, {})
    assert "alice.zip/" in result.unreadable[0]
    assert list(tmp_path.rglob("*")) == []


def test_a_nul_does_not_make_a_name_an_exercise() -> None:
    data = packed(("p1_mlp/mlp_nn.py@tail.py", GOOD), (SOFTMAX, GOOD))
    result = read(patched(data, b"mlp_nn.py@", b"mlp_nn.py\0"))
    assert (result.files, result.problems) == ({SOFTMAX: GOOD}, {})
    assert "mlp_nn.py\\x00tail.py left aside: unprintable" in result.left_aside[0]


def test_a_link_is_a_problem() -> None:
    result = read(packed((special(MLP, stat.S_IFLNK | 0o777), b"/etc/passwd"), (SOFTMAX, GOOD)))
    assert result.files == {SOFTMAX: GOOD}
    assert "is a link" in result.problems[MLP]


def test_a_folder_that_is_a_link_is_the_reason_for_what_is_missing() -> None:
    result = read(packed((special("p1_mlp", stat.S_IFLNK | 0o777), b"/etc"), ("svm.py", GOOD)))
    assert result.files == {"p1_mlp/svm.py": GOOD}
    assert {MLP, SOFTMAX} <= result.problems.keys()
    assert "is a link" in result.problems[MLP]
    assert result.unreadable == (result.problems[MLP],)


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK])
def test_a_special_file_is_a_problem(kind: int) -> None:
    assert "is not a regular file" in read(packed((special(MLP, kind | 0o644), b""))).problems[MLP]


def test_a_password_is_a_problem() -> None:
    result = read(set_headers(packed((MLP, GOOD)), "flags", 1))
    assert "password" in result.problems[MLP]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_a_limit_are_refused(method: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed((MLP, bytes(4 << 20)), method=method)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *args: pytest.fail("it was opened"))
    assert "unusual method" in read(data).problems[MLP]


def test_an_unknown_method_is_a_problem() -> None:
    assert "unusual method" in read(set_headers(packed((MLP, GOOD)), "method", 77)).problems[MLP]


def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Records the number of bytes of each read of a member from now on."""
    lengths: list[int] = []
    real = zipfile.ZipExtFile.read

    def count(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        data = real(self, n)
        lengths.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", count)
    return lengths


def test_a_zip_bomb_is_stopped_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed((MLP, bytes(50 << 20)), (SOFTMAX, GOOD))
    assert len(data) < 100_000
    lengths = unpacked(monkeypatch)
    result = read(data)
    assert result.files == {SOFTMAX: GOOD}
    assert "larger than 1 MiB" in result.problems[MLP]
    assert sum(lengths) < MAX_FILE_BYTES + (1 << 17)


def test_a_zip_bomb_that_claims_to_be_small_is_damaged() -> None:
    result = read(set_headers(packed((MLP, bytes(8 << 20))), "size", 100))
    assert result.files == {}
    assert "damaged" in result.problems[MLP]


def test_many_files_together_are_bounded_and_exercises_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(*((f"a_helper_{number}.py", bytes(MAX_FILE_BYTES)) for number in range(40)), (MLP, GOOD))
    lengths = unpacked(monkeypatch)
    result = read(data)
    assert result.files[MLP] == GOOD
    assert sum(map(len, result.files.values())) <= MAX_TOTAL_BYTES
    assert sum(lengths) <= MAX_TOTAL_BYTES + MAX_FILE_BYTES
    assert any("3 MiB" in text for text in result.unreadable)
    assert result.unreadable[-1].endswith(" more")


def test_data_files_are_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(("data/bomb.npz", bytes(8 << 20)), ("p1_mlp/notes.txt", b"hello"), (MLP, GOOD))
    lengths = unpacked(monkeypatch)
    assert read(data).files == {MLP: GOOD}
    assert sum(lengths) == len(GOOD)


def test_the_same_member_twice_names_both() -> None:
    result = read(packed((MLP, GOOD), (MLP, b"x = 2\n")))
    assert result.files == {}
    assert result.problems[MLP].count("alice.zip/p1_mlp/mlp_nn.py") == 2


def test_the_same_member_twice_with_the_same_bytes_is_no_conflict() -> None:
    result = read(packed((MLP, GOOD), (MLP, GOOD)))
    assert (result.files, result.problems) == ({MLP: GOOD}, {})


def test_a_wrong_checksum_affects_only_its_member() -> None:
    data = packed((MLP, b"x = 12345\n"), (SOFTMAX, GOOD), method=zipfile.ZIP_STORED)
    result = read(patched(data, b"12345", b"12346"))
    assert result.files == {SOFTMAX: GOOD}
    assert "damaged (Bad CRC" in result.problems[MLP]


def test_a_damaged_helper_is_reported_and_affects_only_itself() -> None:
    data = packed(("p1_mlp/helper.py", b"x = 12345\n"), (MLP, GOOD), method=zipfile.ZIP_STORED)
    result = read(patched(data, b"12345", b"12346"))
    assert (result.files, result.problems) == ({MLP: GOOD}, {})
    assert "helper.py is damaged" in result.unreadable[0]


def test_a_header_that_contradicts_the_table_is_a_problem() -> None:
    data = packed((MLP, GOOD), (SOFTMAX, GOOD))
    result = read(patched(data, b"p1_mlp/mlp_nn.py", b"p1_mlp/evil_x.py", count=1))
    assert result.files == {SOFTMAX: GOOD}
    assert "damaged" in result.problems[MLP]


def test_a_damaged_stream_is_a_problem() -> None:
    data = packed((MLP, random.Random(1).randbytes(500)), (SOFTMAX, GOOD))
    at = data.index(b"mlp_nn.py") + len("mlp_nn.py")
    result = read(data[:at] + b"\xff" * 100 + data[at + 100 :])
    assert result.files == {SOFTMAX: GOOD}
    assert "damaged" in result.problems[MLP]


def test_a_truncated_archive_says_so() -> None:
    data = packed((MLP, GOOD), (SOFTMAX, GOOD))
    with pytest.raises(
        SubmissionError, match=r"alice\.zip is cut off or damaged .*: pack your folder again as a \.zip"
    ):
        read(data[:-30])


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "an empty file"), (b"hello", "not a zip archive"), (b"Rar!\x1a\x07\x00" + bytes(100), "a RAR archive"),
     (b"7z\xbc\xaf\x27\x1c" + bytes(50), "a 7-Zip archive"), (b"%PDF-1.7\n", "a PDF"), (b"\x89PNG\r\n", "a picture"),
     (b"\n<!DOCTYPE html><html>", "a web page"), (b"\xd0\xcf\x11\xe0" + bytes(50), "an office document"),
     (b"\x28\xb5\x2f\xfd" + bytes(50), "a zstd archive")],
)  # fmt: skip
def test_bytes_that_are_not_a_zip_say_what_they_are(data: bytes, what: str) -> None:
    with pytest.raises(SubmissionError, match=rf"^alice\.zip is {what}.*: pack .* as \.?a? ?\.zip"):
        read(data)


def test_a_name_with_invalid_utf8_is_reported() -> None:
    data = patched(packed(("p1_mlp/h\u00e9lper.py", GOOD)), "é".encode(), b"\xff\xfe")
    with pytest.raises(SubmissionError, match=r"alice\.zip is cut off or damaged"):
        read(data)


def test_damage_raises_only_submission_errors() -> None:
    data = packed((MLP, GOOD), ("p1_mlp/helper.py", b"y = 1\n"))
    for at in range(len(data)):
        for value in (0x00, 0xFF, data[at] ^ 1):
            try:
                read(data[:at] + bytes([value]) + data[at + 1 :])
            except SubmissionError:
                continue


def test_unmarked_utf8_and_cp437_names_are_read() -> None:
    utf8 = set_headers(packed(("m\u00fcller/p1_mlp/mlp_nn.py", GOOD), ("m\u00fcller/größe.py", GOOD)), "flags", 0)
    assert read(utf8).files == {MLP: GOOD, "größe.py": GOOD}
    cp437 = patched(utf8, "ü".encode(), b"\x81\x81")
    assert read(cp437).files[MLP] == GOOD


def test_too_many_members_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def table(count: int) -> bytes:
        """An archive that consists only of a table of contents."""
        entry = struct.pack("<4s4B4H3L5H2L", b"PK\x01\x02", 20, 3, 20, *[0] * 8, 1, *[0] * 6) + b"x"
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * count, 0, 0)
        return entry * count + end

    assert len(zipfile.ZipFile(io.BytesIO(table(70_000))).infolist()) == 70_000  # zipfile takes whatever is there
    monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("it was listed"))
    with pytest.raises(SubmissionError, match=f"more than {MAX_ENTRIES:,} files"):
        read(table(100_000))


def test_a_zip_beside_work_in_a_zip_is_not_opened() -> None:
    inner = packed((MLP, GOOD))
    result = read(packed(("work.zip", inner), (SOFTMAX, GOOD)))
    assert result.files == {SOFTMAX: GOOD}
    assert "work.zip was left aside" in result.left_aside[0]


def test_a_member_named_like_a_folder_is_not_a_file() -> None:
    assert read(packed((f"{MLP}/", b""), (SOFTMAX, GOOD))).files == {SOFTMAX: GOOD}


def test_an_empty_zip_says_so() -> None:
    with pytest.raises(SubmissionError, match=r"^alice\.zip is empty: hand in your notebook"):
        read(packed())


def test_members_are_read_on_demand() -> None:
    listing: Listing = list_archive(packed((MLP, GOOD)), "alice.zip")
    assert listing.scripts[0].read(len(GOOD)) == GOOD
    with pytest.raises(Unusable, match="larger"):
        listing.scripts[0].read(len(GOOD) - 1)


def test_an_archive_that_is_too_large_is_not_read_completely(tmp_path: Path) -> None:
    path = tmp_path / "alice.zip"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SubmissionError, match=r"alice\.zip is larger than 64 MiB"):
        read_entry(Entry("alice", path))
