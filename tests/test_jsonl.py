"""Lines in and out, and what a killed run left behind."""

import os
from pathlib import Path

import pytest

from dive_tools.errors import BadRecord, DiveError, ReaderGone, UsageFault
from dive_tools.jsonl import Accounted, Lines, batches, dump, parse, read, recover


def written(path: Path, text: bytes) -> Path:
    path.write_bytes(text)
    return path


def test_lines_are_numbered_and_blank_ones_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "in", b'{"a":1}\n\n  \r\n{"b":2}\r\n{"c":"\xc3\xbc"}')
    assert list(read(path)) == [(1, b'{"a":1}'), (4, b'{"b":2}\r'), (5, b'{"c":"\xc3\xbc"}')]


@pytest.mark.parametrize("text", [b"", b"\n", b"\n\n \n"])
def test_nothing_in_nothing_out(tmp_path: Path, text: bytes) -> None:
    assert list(read(written(tmp_path / "in", text))) == []


def test_a_line_longer_than_a_read(tmp_path: Path) -> None:
    long = b'{"text":"' + b"x" * 3_000_000 + b'"}'
    path = written(tmp_path / "in", b"{}\n" + long + b"\n{}\n" + long)
    assert list(read(path)) == [(1, b"{}"), (2, long), (3, b"{}"), (4, long)]


def test_a_batch_is_what_has_arrived() -> None:
    end, start = os.pipe()
    arriving = batches(end)
    os.write(start, b'{"a":1}\n{"b":2}\n{"c"')
    assert next(arriving) == [(1, b'{"a":1}'), (2, b'{"b":2}')]
    os.write(start, b":3}\n")
    assert next(arriving) == [(3, b'{"c":3}')]
    os.close(start)
    assert next(arriving, None) is None


NO_RECORDS = [b"", b"{", b"nul", b'{"a":1} x', b"\xff{}", b'{"a":"\xff"}', b"[1]", b"null", b'"a"', b"1"]


@pytest.mark.parametrize("raw", NO_RECORDS)
def test_bad_lines(raw: bytes) -> None:
    with pytest.raises(BadRecord):
        parse(raw)


def test_a_record_is_one_line() -> None:
    record = {"text": "a\nb\u2028ü", "n": 1.5}
    assert dump(record).count(b"\n") == 1
    assert parse(dump(record)) == record


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    import resource
    import signal

    path, line = tmp_path / "out", b'{"id":"%s"}\n' % (b"x" * 90)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    lines = Lines.to(path)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (250, limits[1]))
        with pytest.raises(DiveError, match="cannot write"):
            for _ in range(10):
                lines.write(line)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == line * 2


def test_a_reader_that_is_gone() -> None:
    end, start = os.pipe()
    os.close(end)
    with pytest.raises(ReaderGone):
        Lines(start, "the output").write(b"{}\n")


@pytest.mark.parametrize("torn", [b"", b"{", b'{"id":"c"}', b'{"id":"c\n', b"\0\0\0\0", b"\n"])
def test_recover_cuts_a_torn_last_line(tmp_path: Path, torn: bytes) -> None:
    whole = b'{"id":"a"}\n{"id":"b"}\n'
    path = written(tmp_path / "out", whole + torn)
    assert [record["id"] for record in recover(path)] == ["a", "b"]
    assert path.read_bytes() == whole


def test_recover_leaves_a_foreign_file_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "out", b"dear diary\nhello\n")
    with pytest.raises(DiveError, match="cannot resume"):
        list(recover(path))
    assert path.read_bytes() == b"dear diary\nhello\n"


def test_nothing_to_recover(tmp_path: Path) -> None:
    assert list(recover(tmp_path / "out")) == []


def test_inputs_are_accounted_for_as_often_as_they_were_written(tmp_path: Path) -> None:
    accounted = Accounted()
    accounted.add_output(written(tmp_path / "out", b'{"id":"a"}\n{"id":"a"}\n{"id":"b"}\n'))
    rejects = b'{"id":"a","drop":{"reason":"leak"}}\n{"drop":{"reason":"bad_line","line":7},"text":"x"}\n'
    accounted.add_rejects(written(tmp_path / "rejects", rejects))
    taken = [accounted.take(number, b'{"id":"a"}') for number in (1, 2, 3, 4)]
    assert taken == ["", "", "leak", None]
    assert accounted.take(5, b'{"id":"c"}') is None
    assert accounted.take(6, b"not json") is None
    assert accounted.take(7, b"not json") == "bad_line"
    assert accounted.take(8, b'{"id":"b"}') == ""
    assert not accounted


def test_an_output_without_ids_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no id"):
        Accounted().add_output(written(tmp_path / "out", b'{"n":1}\n'))
