import os

import pytest

from zoo.engine.log import Log, read
from zoo.errors import BadFile
from zoo.viz.curves import learning_curve


def test_rows_after_the_step_of_a_resume_are_dropped(tmp_path):
    path = tmp_path / "log.jsonl"
    log = Log(path)
    for step in (10, 20, 30):
        log.write(step, loss=step / 2)
    with path.open("a") as file:
        file.write('{"step": 40, "lo')  # a kill cut the last line short
    again = Log(path)
    again.begin(20, 100)
    assert [row["step"] for row in again.rows] == [row["step"] for row in read(path)] == [10, 20]


def test_plain_lines_where_there_is_no_terminal(capsys):
    log = Log(show=True, title="lenet5.digits")
    log.begin(0, 10)
    log.write(5, lr=0.1, loss=0.5)
    log.write(10, lr=0.1, loss=0.25, dev_error=3.0)
    log.end()
    assert capsys.readouterr().err == "lenet5.digits  step 10  loss 0.25  dev_error 3\n"


def test_a_second_reader_sees_every_row():
    log, seen = Log(), []
    log.also = seen.append
    log.write(1, loss=2.0)
    assert seen == [{"step": 1, "loss": 2.0}]


GOOD = b'{"step": 10, "lr": 0.1, "loss": 2.5}\n'


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"\0" * 4096, b"\xff\xfe\x00", b"[]", b"7", b"null", b"{}", b'"step"', b"[" * 100_000,
        b'{"step": "20", "loss": 1}', b'{"step": null, "loss": 1}', b'{"step": true, "loss": 1}',
        b'{"step": NaN, "loss": 1}', b'{"step": 1e3, "loss": 1}', b'{"step": -5, "loss": 1}',
        b'{"step": 10, "loss": 1}', b'{"step": 3, "loss": 1}', b'{"loss": 1}',
        b'{"step": 20, "loss": "low"}', b'{"step": 20, "loss": [1]}', b'{"step": 20, "loss": null}',
        b'{"step": 20, "loss": ' + b"9" * 400 + b"}", b'{"step": 20, "loss": ' + b"9" * 9000 + b"}",
        b'{"step": 20, "loss": 1' + b" " * (1 << 20) + b"}", b'{"step": 20, "lo',
    ],
)  # fmt: skip
def test_a_bad_row_ends_the_log(bad, tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(GOOD + bad + b"\n" + GOOD.replace(b"10", b"30"))
    assert read(path) == [{"step": 10, "lr": 0.1, "loss": 2.5}]
    log = Log(path)
    log.begin(100, 200)
    log.write(110, loss=1.0)
    assert [row["step"] for row in read(path)] == [10, 110]


def test_rows_that_are_not_finite_are_rows_and_other_names_are_too(tmp_path):
    (path := tmp_path / "log.jsonl").write_text('{"step": 1, "dev_f1": NaN}\n{"step": 2}\n')
    assert [row["step"] for row in read(path)] == [1, 2]
    learning_curve({"run": read(path), "lost": []}, tmp_path / "curve.png")


def test_a_sparse_log_of_a_terabyte_is_none(tmp_path):
    (path := tmp_path / "log.jsonl").touch()
    os.truncate(path, 1 << 40)
    assert read(path) == []
    log = Log(path)
    log.begin(0, 10)
    log.write(1, loss=1.0)
    assert path.stat().st_size < 100


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused(make, tmp_path):
    make(tmp_path / "log.jsonl")
    with pytest.raises(BadFile, match=r"log\.jsonl is a (named pipe|folder); expected a log"):
        Log(tmp_path / "log.jsonl").begin(0, 10)
