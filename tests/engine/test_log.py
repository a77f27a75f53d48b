from zoo.engine.log import Log, read


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
