"""zoo predict with pictures and videos: what is printed, drawn and saved, and where."""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.colour_detector import registered, scene, write_detector
from tests.helpers.small_weights import only_from, write_weights
from zoo.cli.main import main
from zoo.cli.predict_files import Names
from zoo.cli.predict_inputs import Input
from zoo.data.image.animation import animation
from zoo.predictors.inputs import video_frames
from zoo.predictors.inputs.frame import Frame

NAME = "colour_detector.tiny"
BOXES = {"red": (20, 10, 60, 40), "green": (70, 30, 100, 60)}


@pytest.fixture
def say(tmp_path, monkeypatch, capsys):
    """A function: run zoo predict with the detector; exit code, standard output, error."""
    with registered(monkeypatch):
        write_detector(tmp_path / "weights")
        only_from(tmp_path / "weights", monkeypatch)
        monkeypatch.chdir(tmp_path)

        def run(*words, name=NAME):
            code = main(["predict", name, *map(str, words)])
            return (code, *capsys.readouterr())

        yield run


@pytest.fixture
def pictures(say):
    for place in ("a", "b"):
        Path(place).mkdir()
        scene(**BOXES).save(f"{place}/x.png")
    scene(red=BOXES["red"]).save("b/y.jpg", quality=100, subsampling=0)
    return ["a/x.png", "b"]


@pytest.fixture
def clip(say):
    first, *rest = (scene((100, 60), red=(n, 10, n + 30, 40)) for n in range(12))
    first.save("clip.gif", save_all=True, append_images=rest, duration=50)
    return "clip.gif"


def files(folder):
    return sorted(path.name for path in Path(folder).iterdir())


# ---- pictures -----------------------------------------------------------------------------------


def test_a_line_and_a_record_for_each_picture(say, pictures):
    code, out, err = say(*pictures)
    assert (code, err) == (0, "note: b: 2 images\n")
    first, second, third = out.splitlines()
    assert first.startswith("a/x.png: 1 ")
    assert second.replace("b/x", "a/x") == first
    assert third.startswith("b/y.jpg: 1 red")
    records = json.loads(say(*pictures, "--json")[1])
    assert [one["input"] for one in records] == ["a/x.png", "b/x.png", "b/y.jpg"]
    red = next(one for one in records[0]["objects"] if one["label"] == "red")
    assert red["box"] == pytest.approx(BOXES["red"], abs=1.6)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("txt", ["x.txt", "x_2.txt", "y.txt"]),
        ("json", ["x.json", "x_2.json", "y.json"]),
        ("crops", ["x_0_red.png", "x_1_green.png", "x_2_0_red.png", "x_2_1_green.png",
                   "y_0_red.png"]),
    ],
)  # fmt: skip
def test_each_answer_is_saved_under_a_name_of_its_own(say, pictures, kind, expected):
    code, _, err = say(*pictures, "--save", kind, "--out", "made/here")
    assert code == 0
    found = [name.replace("_0_green", "_0_red").replace("_1_red", "_1_green")
             for name in files("made/here")]  # fmt: skip
    assert found == expected
    assert f"made/here: {len(expected)} files ({kind}) of 3 inputs" in err


def test_without_out_the_folder_is_predictions(say, pictures):
    assert say("a/x.png", "--save", "txt")[0] == 0
    lines = Path("predictions/x.txt").read_text().splitlines()
    assert len(lines) == 2
    assert all(len(line.split()) == 6 for line in lines)


def test_plots_of_all_in_a_folder_and_of_the_first_in_a_file(say, pictures):
    code, _, err = say(*pictures, "--plot", "plots/")
    assert (code, files("plots")) == (0, ["x.png", "x_2.png", "y.png"])
    assert "plots: plots of 3 inputs" in err
    with Image.open("plots/y.png") as plot:
        assert plot.size == (100, 60)
    assert say("a/x.png", "--plot", "plots")[0] == 0  # it is there now
    code, _, err = say(*pictures, "--plot", "one.png")
    assert code == 0
    assert "one.png shows the first of 3 inputs; --plot FOLDER/ draws each" in err
    assert say("a/x.png", "--plot", "one.png")[2] == ""


def test_the_first_is_drawn_even_if_nothing_was_found_in_it(say, pictures):
    scene((40, 80)).save("a/0.png")
    assert say("a/0.png", "a/x.png", "--plot", "one.png")[0] == 0
    assert say("a/0.png", "--plot", "alone.png")[0] == 0
    assert Path("one.png").read_bytes() == Path("alone.png").read_bytes()


def test_one_that_cannot_be_read_costs_the_others_nothing(say, pictures):
    Path("b/bad.png").write_bytes(b"no image")
    code, out, err = say(*pictures, "none.png", "--save", "txt", "--out", "o")
    assert (code, len(out.splitlines())) == (2, 3)
    assert files("o") == ["x.txt", "x_2.txt", "y.txt"]
    assert "b/bad.png" in err
    assert "none.png" in err


def test_what_cannot_be_written_is_refused_before_anything_is_read(say, pictures):
    Path("file").write_text("x")
    os.mkfifo("pipe")
    for words, said in [
        (["--save", "pdf"], "are saved as json or txt or crops, not pdf"),
        (["--save", "txt", "--out", "file"], "file"),
        (["--save", "txt", "--out", "pipe"], "it is a named pipe"),
        (["--plot", "file/"], "file"),
        (["--plot", "x.mp4"], "frames are drawn to a .gif, or to FOLDER/"),
        (["--plot", "x.pdf"], "give it the end .png or .gif, or name a FOLDER/"),
        (["--plot", "x"], "give it the end .png or .gif, or name a FOLDER/"),
        (["--plot", "./a/x.png"], "--plot ./a/x.png would replace the input"),
        (["--plot", "none/x.gif"], "there is no folder none"),
        (["--plot", "none/x.png"], "there is no folder none"),
    ]:
        code, out, err = say("a/x.png", *words)
        assert (code, out, err.count("\n")) == (2, "", 1), words
        assert said in err, words
    assert Path("file").read_text() == "x"


def test_a_plot_never_replaces_its_input(say, pictures):
    before = Path("a/x.png").read_bytes()
    code, _, err = say("a", "--plot", "a/")
    assert (code, err.splitlines()[-1]) == (
        2,
        "zoo: --plot: a/x.png would replace the input; choose another folder",
    )
    assert Path("a/x.png").read_bytes() == before


def test_an_animation_in_a_folder_is_one_image_and_that_is_told(say, clip):
    Path("a").mkdir()
    scene(red=BOXES["red"]).save("a/x.png")
    Path(clip).rename("a/clip.gif")
    code, out, err = say("a")
    assert (code, out.count("\n")) == (0, 2)
    assert "a/clip.gif: of an animation in a folder the first frame is answered" in err
    assert "animation" not in say("a/x.png")[2]


def test_a_picture_on_a_pipe(say, pictures, monkeypatch):
    inside, outside = os.pipe()
    os.write(outside, Path("a/x.png").read_bytes())
    os.close(outside)
    code, out, _ = say(f"/dev/fd/{inside}", "--save", "crops", "--plot", "p/")
    os.close(inside)
    assert code == 0
    assert out.startswith(f"/dev/fd/{inside}: 1 ")
    assert files("p") == [f"{inside}.png"]
    assert len(files("predictions")) == 2


def test_other_predictors_save_json_and_draw_into_a_folder(say, pictures, tmp_path):
    write_weights(tmp_path / "weights")
    code, out, _ = say(*pictures, "--save", "json", "--plot", "p/", name="lenet5.tiny")
    assert code == 0
    assert files("p") == ["x.png", "x_2.png", "y.png"]
    record = json.loads(Path("predictions/x_2.json").read_text())
    assert out.splitlines()[1].startswith(f"b/x.png: {record['label']}")
    assert say("a/x.png", "--save", "txt", name="lenet5.tiny")[0] == 2


def test_names_are_all_different():
    names = Names()
    raws = ["a/x.png", "b/x.jpg", "c/x_2.png", "d/X.png", "http://h/p/y.png?q=1", "-", ""]
    raws += ["long" * 80 + ".png", "x_2.png"]
    given = [names.of(Input(raw)) for raw in raws]
    assert given[:7] == ["x", "x_2", "x_2_2", "X_3", "y", "stdin", "input"]
    assert len({name.casefold() for name in given}) == len(raws)
    assert max(map(len, given)) < 200
    assert [Names(numbered=True).of(Input("a/b"))] == ["000001"]


# ---- videos -------------------------------------------------------------------------------------


def test_frames_are_lines_with_their_time(say, clip):
    code, out, err = say(clip)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 12
    assert lines[3].startswith("clip.gif 0:00.15: 1 red")
    code, out, _ = say(clip, "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert [one["frame"] for one in records] == list(range(12))
    assert records[4]["time"] == 0.2
    assert records[4]["input"] == clip
    assert records[4]["objects"][0]["box"][0] == pytest.approx(4, abs=1.6)


def test_frames_are_drawn_to_a_gif_or_a_folder(say, clip):
    assert say(clip, "--plot", "out.gif")[0] == 0
    made = list(animation(Path("out.gif")))
    assert [time for _, time in made] == pytest.approx([0.05 * n for n in range(12)])
    assert made[0][0].size == (100, 60)
    assert say(clip, clip, "--plot", "f/", "--save", "txt")[0] == 0
    assert files("f")[:2] == ["clip_000000.png", "clip_000001.png"]
    assert len(files("f")) == len(files("predictions")) == 24
    assert "clip_2_000011.txt" in files("predictions")


def test_pictures_and_videos_together(say, clip, pictures):
    code, out, _ = say("a/x.png", clip, "b", "--json")
    assert code == 0
    inputs = [json.loads(line)["input"] for line in out.splitlines()]
    assert inputs == ["a/x.png", *[clip] * 12, "b/x.png", "b/y.jpg"]


def test_damage_in_a_video_is_told_after_its_frames(say, clip):
    data = Path(clip).read_bytes()
    Path(clip).write_bytes(data[: len(data) // 2])
    code, out, err = say(clip, "--plot", "out.gif", "--json")
    assert code == 2
    assert len(out.splitlines()) == len(list_of(Path("out.gif"))) >= 2
    assert err.startswith("zoo: clip.gif is damaged")


def list_of(path):
    return list(animation(path))


def test_a_video_without_pyav_is_one_line(say, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    Path("clip.mp4").write_bytes(b"x")
    code, out, err = say("clip.mp4")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "pip install 'deep-zoo[video]'" in err


def test_a_camera_ends_with_ctrl_c_and_what_was_asked_for_is_there(say, monkeypatch):
    def camera(source):
        for number in range(3):
            yield Frame(number, number / 10, scene(red=BOXES["red"]), live=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(video_frames, "frames", camera)
    code, out, err = say("camera", "--plot", "out.gif")
    assert (code, len(out.splitlines())) == (0, 3)
    assert out.startswith("camera 0:00.00: 1 red")
    assert len(list_of(Path("out.gif"))) == 3
    assert err == "\n"


def test_ctrl_c_in_a_file_leaves_nothing_half_written(say, monkeypatch, clip):
    def stopped(source):
        yield Frame(0, 0.0, scene(red=BOXES["red"]))
        raise KeyboardInterrupt

    monkeypatch.setattr(video_frames, "frames", stopped)
    before = files(".")
    assert say(clip, "--plot", "out.gif")[0] == 130
    assert files(".") == before


def test_standard_input_as_a_picture(say, pictures, monkeypatch):
    data = Path("a/x.png").read_bytes()
    Path("given.bin").write_bytes(data)
    with open("given.bin", "rb") as file:
        kept = os.dup(0)
        os.dup2(file.fileno(), 0)
        try:
            code, out, _ = say("-", "--save", "json")
        finally:
            os.dup2(kept, 0)
            os.close(kept)
    assert code == 0
    assert out.startswith("-: 1 ")
    assert files("predictions") == ["stdin.json"]
    assert io.BytesIO(data).read(4) == b"\x89PNG"
