"""Rows of the log as TensorBoard reads them."""

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from zoo.engine.tensorboard import tensorboard


def test_every_value_of_every_row_is_written(tmp_path):
    write = tensorboard(tmp_path)
    write({"step": 10, "loss": 0.5})
    write({"step": 20, "loss": 0.25, "dev_error": 3.0})
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    found = {
        tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]
    }
    assert found == {"loss": [(10, 0.5), (20, 0.25)], "dev_error": [(20, 3.0)]}
