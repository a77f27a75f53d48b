"""Whatever a user gets wrong: exit code 2, one line on what to do, and nothing half-done."""

import shutil
import warnings
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.helpers.small_weights import change_card, only_from, write_weights
from zoo import download
from zoo.cli.main import VERBS, main, run
from zoo.datasets import mnist
from zoo.errors import BadInput, UnknownName

# what else is in the folder of the verbs
OF_PREDICT = (
    *("listen", "predict_files", "predict_inputs", "predict_output", "predict_pairs"),
    "predictor_options",
)
CLASSES = ("daisy", "rose ü", "tulip")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder with lenet5.tiny."""
    folder = tmp_path_factory.mktemp("shelf")
    write_weights(folder)
    return folder


@pytest.fixture(autouse=True)
def place(shelf, tmp_path, monkeypatch):
    """An empty folder to work in: there are weights, but no data set and no network."""
    only_from(shelf, monkeypatch)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TRIES", 1)
    nowhere = "http://127.0.0.1:9/"  # nobody listens: refused at once
    monkeypatch.setattr(mnist, "SOURCE", replace(mnist.SOURCE, url=nowhere))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def flowers(place):
    """Twelve small pictures in three class folders, with a space and a letter beyond ASCII."""
    draw = np.random.default_rng(0)
    for name in CLASSES:
        (place / "my flowers ü" / name).mkdir(parents=True)
        for number in range(4):
            pixels = draw.integers(0, 256, (14, 12, 3), np.uint8)
            path = place / "my flowers ü" / name / f"bild {number} 中.png"
            Image.fromarray(pixels).save(path)
    return place / "my flowers ü"


@pytest.fixture
def picture(place):
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(place / "x.png")
    return "x.png"


@pytest.fixture
def fails(place, capfd):
    """A function: the command fails as it should; what it said."""

    def command(*words):
        before = everything(place)
        capfd.readouterr()
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        assert (code, out) == (2, "")
        assert err.startswith("zoo: ")
        assert err.count("\n") == 1
        assert err.endswith("\n")
        assert "Traceback" not in err
        left = {path.name for path in everything(place) - before}
        assert left <= {"lock", "log.jsonl"}  # of a run that had begun
        return err

    return command


def everything(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


# ---- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("info lenet", "no model, weights or recipe 'lenet'; did you mean lenet5"),
        ("info lenet5.mnits", "did you mean lenet5.mnist"),
        ("info lenet5.tinny", "did you mean lenet5.tiny"),
        ("predict lenet5.tinny x.png", "no weights 'lenet5.tinny'; did you mean lenet5.tiny"),
        ("predict runs/none x.png", "no card or folder at runs/none"),
        ("train lenet5.digit", "no recipe 'lenet5.digit'; did you mean lenet5.digits"),
        ("train lenet5", "needs data (--data PATH), or a recipe: lenet5.TAG"),
        ("train lenet", "no model 'lenet'; did you mean lenet5"),
        ("train lenet6 --data .", "no model 'lenet6'; did you mean lenet5"),
        ("finetune lenet5.tinny --data .", "no weights 'lenet5.tinny'; did you mean lenet5.tiny"),
        ("reproduce lenet5.digit", "did you mean lenet5.digits"),
        ("reproduce", "needs a recipe"),
        ("evaluate lenet5.tinny", "did you mean lenet5.tiny"),
        ("evaluate lenet5.tiny --split tst", "no split 'tst'; did you mean test"),
        ("export lenet --to x.pt2", "did you mean lenet5"),
        ("data mnits", "no data set 'mnits'; did you mean mnist"),
        ("train lenet5.digits stesp=2", "no field 'stesp'; did you mean steps"),
        ("train lenet5.digits schedule=cosin", "no schedule 'cosin'; did you mean cosine"),
        ("train lenet5.digits optimizer=adm", "no optimizer 'adm'; did you mean adam"),
        ("train lenet5.digits mix=mixupp", "no mixture 'mixupp'; did you mean mixup"),
        ("train lenet5.digits augment=flop", "no augmentation 'flop'; did you mean flip"),
    ],
)
def test_an_unknown_name(fails, words, said):
    assert said in fails(*words.split())


# ---- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train lenet5.digits steps=many", "steps must be a whole number, got 'many'"),
        ("train lenet5.digits steps=1.5", "steps must be a whole number, got '1.5'"),
        ("train lenet5.digits steps=", "steps must be a whole number, got ''"),
        ("train lenet5.digits lr=fast", "lr must be a number, got 'fast'"),
        ("train lenet5.digits lr=nan", "lr must be a number, got 'nan'"),
        ("train lenet5.digits clip=x", "clip must be a number or none, got 'x'"),
        ("train lenet5.digits compile=maybe", "compile must be true or false"),
        (
            "train mlp.mnist hidden_sizes=3,x",
            "hidden_sizes must be numbers with commas between them",
        ),
        ("train lenet5.digits steps", "'steps' is not field=value"),
        ("train lenet5.digits =3", "'=3' is not field=value"),
        ("train lenet5.digits --threads 1 steps", "'steps' is not field=value"),
        ("train lenet5.digits steps=0", "steps must be at least 1, got 0"),
        ("train lenet5.digits steps=-1", "steps must be at least 1, got -1"),
        ("train lenet5.digits label_smoothing=1", "label_smoothing must be from 0 to below 1"),
        ("train lenet5.digits mix=both mix_alpha=0", "mix_alpha must be above 0, got 0.0"),
        ("train lenet5.digits batch_size=0", "batch_size must be at least 1, got 0"),
        ("train lenet5.digits num_classes=0", "num_classes must be at least 1, got 0"),
        ("train lenet5.digits num_classes=3", "num_classes=3, but scikit-learn digits has 10"),
        ("train lenet5.digits in_chans=3", "lenet5 does not fit the data of lenet5.digits"),
        ("train shallow_net.digits image_size=9", "shallow_net does not fit the data"),
        (
            "train shallow_net.digits hidden_size=99999999999",
            "shallow_net(image_size=8, hidden_size=99999999999)",
        ),
        ("train lenet5.digits schedule=staircase:every=0", "this schedule cannot run"),
        ("train lenet5.digits precision=float16 steps=1", "precision must be float32 or bfloat16"),
        ("train lenet5.digits --threads 0", "--threads must be at least 1, got 0"),
        ("train lenet5.digits --threads -2", "--threads must be at least 1, got -2"),
        ("reproduce lenet5.digits --seeds 0", "seeds must be at least 1, got 0"),
        ("reproduce lenet5.digits --seeds -1", "seeds must be at least 1"),
        ("bench fit --rounds 0", "--rounds must be at least 1, got 0"),
        ("bench fit --steps 0", "--steps must be at least 1, got 0"),
        ("bench fit --threads -1", "--threads must be at least 1"),
        ("bench models --batch 0", "--batch must be at least 1, got '0'"),
        ("bench models --batch ,", "--batch must be numbers with commas between them, got ','"),
        ("bench models --batch few", "--batch must be numbers with commas between them"),
        ("bench models --models resnet1", "did you mean resnet18"),
        ("bench fit --steps few", "--steps must be a whole number, got 'few'"),
        ("train lenet5.digits channels_last=fast", "must be true or false or auto, got 'fast'"),
        ("train lenet5.digits --device gpu", "device 'gpu' cannot be used"),
        ("train lenet5.digits --device meta", "device 'meta' cannot be used"),
        ("reproduce lenet5.digits --device cuda:999", "device 'cuda:999' cannot be used"),
        ("evaluate lenet5.tiny --device tpu", "device 'tpu' cannot be used"),
        ("predict lenet5.tiny x.png --device x:y", "device 'x:y' cannot be used"),
    ],
)
def test_a_wrong_value(fails, words, said):
    assert said in fails(*words.split())


@pytest.mark.parametrize(
    "words",
    [
        "",
        "lst",
        "--lst",
        "list a b",
        "list --tasks x",
        "info",
        "info a b",
        "train",
        "train lenet5.digits --stesp 2",
        "train lenet5.digits --threads many",
        "train lenet5.digits --threads",
        "train lenet5.digits steps=1 --frsh lr=0.1",
        "finetune lenet5.tiny",
        "reproduce lenet5.digits --seeds few",
        "export lenet5 --format tflite",
        "bench speed",
        "bench gru --steps 3",
    ],
)
def test_wrong_use_is_told_with_the_usage(words, place, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words.split())
    out, err = capsys.readouterr()
    assert (stop.value.code, out) == (2, "")
    assert err.startswith("usage: zoo")
    assert "error: " in err.split("\n")[-2]
    assert everything(place) == set()


def test_a_warning_is_a_note_of_one_line(monkeypatch, capsys):
    def warns():
        warnings.warn("step 20 is damaged\ngoing back", stacklevel=2)
        return 0

    monkeypatch.setattr("zoo.cli.main.main", warns)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with pytest.raises(SystemExit):
            run()
    assert capsys.readouterr().err == "note: step 20 is damaged\\ngoing back\n"


def test_the_traceback_is_there_for_whom_it_helps():
    with pytest.raises(UnknownName):
        main(["train", "lenet5.digit", "--traceback"])
    with pytest.raises(BadInput):
        main(["train", "lenet5.digits", "--traceback", "steps=x"])


# ---- pictures -----------------------------------------------------------------------------------


def test_a_picture_that_is_not_there(fails):
    assert "there is no file none.png" in fails("predict", "lenet5.tiny", "none.png")


def test_a_text_as_picture(fails, place):
    (place / "x.png").write_text("hello")
    assert "x.png is not an image" in fails("predict", "lenet5.tiny", "x.png")


def test_a_picture_that_is_cut_short(fails, place, picture):
    data = (place / picture).read_bytes()
    (place / picture).write_bytes(data[: len(data) * 2 // 3])
    assert "x.png is damaged" in fails("predict", "lenet5.tiny", picture)


def test_a_folder_without_a_picture(fails, place):
    (place / "none").mkdir()
    assert "none has no images in it, of 0 files" in fails("predict", "lenet5.tiny", "none")


def test_one_bad_picture_among_good_ones(capfd, picture):
    assert main(["predict", "lenet5.tiny", picture, "none.png"]) == 2
    out, err = capfd.readouterr()
    assert out.startswith(f"{picture}: ")
    assert err == "zoo: there is no file none.png; expected an image\n"


# ---- weights ------------------------------------------------------------------------------------


@pytest.fixture
def own(place, shelf):
    """A copy of the weights, to be damaged."""
    return shutil.copytree(shelf, place / "my weights ü")


@pytest.mark.parametrize("verb", ["predict", "evaluate", "export"])
def test_weights_that_are_damaged(fails, own, picture, verb):
    path = own / "lenet5.tiny.safetensors"
    data = bytearray(path.read_bytes())
    data[5000] ^= 4
    path.write_bytes(data)
    rest = {"predict": [picture], "evaluate": [], "export": ["--to", "x.pt2"]}[verb]
    assert f"{path} is altered" in fails(verb, own, *rest)


def test_weights_that_are_cut_short(fails, own, picture):
    path = own / "lenet5.tiny.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert "is cut short" in fails("predict", own, picture)


def test_weights_that_are_gone(fails, own, picture):
    (own / "lenet5.tiny.safetensors").unlink()
    assert "but not its weights lenet5.tiny.safetensors" in fails("predict", own, picture)
    said = fails("predict", own / "lenet5.tiny.json", picture)
    assert "zoo reproduce lenet5.digits trains them again" in said


def test_a_card_that_is_damaged(fails, own, picture):
    (own / "lenet5.tiny.json").write_text("{\n\n")
    assert "lenet5.tiny.json is not a card" in fails("predict", own, picture)


def test_facts_of_a_folder_are_those_of_its_card(own, fails, capfd):
    assert main(["info", str(own)]) == 0
    assert "lenet5.tiny" in capfd.readouterr().out
    change_card(own / "lenet5.tiny.json", classes=["a\x1b[31m"])
    assert "classes not in order" in fails("info", own)


def test_a_card_that_does_not_belong_to_a_recipe(fails, own):
    change_card(own / "lenet5.tiny.json", recipe="lenet5.flowers")
    assert "add --data PATH" in fails("evaluate", own)


# ---- the user's folders -----------------------------------------------------------------------

ON_FOLDERS = pytest.mark.parametrize(
    "words", ["train lenet5", "finetune lenet5.tiny"], ids=["train", "finetune"]
)


@ON_FOLDERS
def test_a_folder_that_is_not_there(fails, words):
    assert "no folder or file none" in fails(*words.split(), "--data", "none")


@ON_FOLDERS
def test_a_folder_with_nothing_in_it(fails, place, words):
    (place / "empty").mkdir()
    assert "empty has no folders in it" in fails(*words.split(), "--data", "empty")


@ON_FOLDERS
def test_a_class_without_a_picture(fails, flowers, words):
    (flowers / "weed").mkdir()
    said = fails(*words.split(), "--data", flowers, "--out", "out")
    assert f"{flowers / 'weed'} has no image in it" in said


@ON_FOLDERS
def test_a_text_among_the_pictures(fails, flowers, words):
    (flowers / "tulip" / "z.jpg").write_text("hello")
    said = fails(*words.split(), "--data", flowers, "--out", "out")
    assert f"{flowers / 'tulip' / 'z.jpg'} is not an image" in said


def test_too_few_pictures_to_divide(fails, place):
    for name in ("a", "b"):
        (place / "few" / name).mkdir(parents=True)
        Image.new("L", (9, 9)).save(place / "few" / name / "x.png")
    assert "cannot be divided" in fails("train", "lenet5", "--data", "few", "--out", "out")


@ON_FOLDERS
def test_one_class_only(fails, place, words):
    (place / "few" / "a").mkdir(parents=True)
    Image.new("L", (9, 9)).save(place / "few" / "a" / "x.png")
    assert "few has one class only, a; expected two" in fails(*words.split(), "--data", "few")


def test_more_frozen_blocks_than_there_are(fails, flowers):
    said = fails("finetune", "lenet5.tiny", "--data", flowers, "--freeze", "5")
    assert "freeze=5: the network has 5 blocks" in said
    assert "from 0 to 4" in said
    assert "whole number" in fails("finetune", "lenet5.tiny", "--data", flowers, "--freeze", "x")


@ON_FOLDERS
def test_a_table_whose_line_cannot_be_used(fails, place, words):
    (place / "mine.csv").write_text("file,label\nnone.png,a\n")
    said = fails(*words.split(), "--data", "mine.csv")
    assert "mine.csv line 2: no image at none.png" in said


def test_a_test_folder_with_other_classes(fails, flowers):
    said = fails("evaluate", "lenet5.tiny", "--data", flowers)
    assert "expected 0, 1, 2" in said


# ---- places to write ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["train lenet5.digits steps=1", "reproduce lenet5.digits steps=1 --seeds 1 --json"]
)
@pytest.mark.parametrize("out", ["a file", "a file/out", "a file/deep/out"])
@pytest.mark.parametrize("more", [[], ["--fresh"]])
def test_a_place_that_cannot_be_written(fails, place, words, out, more):
    (place / "a file").write_text("precious")
    said = fails(*words.split(), "--out", out, *more)
    assert "cannot make the folder a file" in said
    assert "choose another" in said
    assert (place / "a file").read_text() == "precious"


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "lenet5.tiny", "a.png", "--plot", ""],
        ["debias", "a.vec", "--out", ""],
        ["debias", "a.vec", "--plot", ""],
        ["export", "lenet5", "--format", "torch", "--to", ""],
        ["train", "lenet5.digits", "steps=1", "--out", ""],
        ["reproduce", "lenet5.digits", "steps=1", "--out", ""],
        ["ngram", "a.txt", "--out", ""],
    ],
    ids=" ".join,
)
def test_an_empty_name_for_output_is_not_taken_for_none(fails, place, words):
    said = fails(*words)
    assert any(part in said for part in ("is a folder", "out is empty", "the file is ."))
    assert not [path for path in place.iterdir() if path.name != "data"]


def test_a_name_for_output_that_is_too_long(fails):
    for words in (["ngram", "a.txt"], ["train", "lenet5.digits", "steps=1"]):
        assert "File name too long; free space or choose another" in fails(
            *words, "--out", "a" * 300
        )


def test_an_export_that_cannot_be_written(fails, place):
    (place / "a file").write_text("precious")
    assert "cannot write a file/x.pt2" in fails("export", "lenet5", "--to", "a file/x.pt2")
    assert "must end in .pt2" in fails("export", "lenet5", "--to", "x.pth")


# ---- training that cannot go on -----------------------------------------------------------------


@pytest.mark.parametrize("verb", ["train", "reproduce"])
def test_a_loss_that_is_not_finite_names_the_step(fails, place, verb):
    said = fails(verb, "lenet5.digits", "lr=3e38", "steps=5", "--out", "out", "--json")
    assert "not finite at step 1" in said
    assert "lower lr" in said
    assert list(place.rglob("*.safetensors")) == []


def test_a_rate_that_no_number_holds_is_refused_before_the_first_step(fails, place):
    said = fails("train", "lenet5.digits", "lr=inf", "steps=1", "--out", "out", "--json")
    assert "lr must be 0 or more and at most 3.4e+38, got inf" in said
    assert list(place.rglob("*.safetensors")) == []


# ---- data sets ----------------------------------------------------------------------------------

MNIST_USERS = pytest.mark.parametrize(
    "words", ["train lenet5.mnist", "reproduce lenet5.mnist --seeds 1 --json", "data mnist"]
)


@MNIST_USERS
def test_a_data_set_without_a_network(fails, place, words):
    said = fails(*words.split())
    assert "train-images-idx3-ubyte.gz" in said
    assert f"put that file at {place / 'data' / 'MNIST' / 'raw'}" in said
    assert "sha256 440fcabf73cc" in said


@MNIST_USERS
def test_a_data_set_that_is_cut_short(fails, place, words):
    raw = place / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + b"\0" * 90)
    said = fails(*words.split())
    assert "train-images-idx3-ubyte (94 bytes) is cut short or altered" in said
    assert "remove it" in said


def test_a_place_for_data_that_cannot_be_written(fails, place, monkeypatch):
    (place / "a file").write_text("precious")
    monkeypatch.setenv("ZOO_DATA", str(place / "a file"))
    assert "a file" in fails("data", "mnist")


# ---- what is no error ---------------------------------------------------------------------------


def test_spaces_and_letters_beyond_ascii(flowers, place, capsys):
    words = ["image_size=8", "hidden_sizes=9", "in_chans=3", "steps=2", "batch_size=4"]
    out = place / "läuft 中"
    assert main(["train", "mlp", "--data", str(flowers), "--out", str(out), *words]) == 0
    assert (out / "mlp.my-flowers-ü.safetensors").is_file()
    capsys.readouterr()
    one = flowers / "rose ü" / "bild 2 中.png"
    assert main(["predict", str(out), str(one)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{one}: ")
    assert any(name in said for name in CLASSES)
    assert main(["evaluate", str(out), "--data", str(flowers)]) == 0
    assert "my flowers ü test (3), held out in training" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        "train lenet5.digits steps=1 seed=3 --json --out out",
        "train lenet5.digits --json --out out steps=1 seed=3",
        "train --out out lenet5.digits steps=1 --json seed=3",
        "train --json --out out lenet5.digits steps=7 --threads 1 seed=3 steps=1",
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_fields_may_stand_anywhere(place, words, capsys):
    from zoo import cards

    assert main(words.split()) == 0
    assert cards.card("out").settings["steps"] == 1
    assert cards.card("out").seeds == [3]
    capsys.readouterr()


def test_every_verb_has_a_file_and_every_file_a_verb():
    from pathlib import Path

    import zoo.cli

    found = {path.stem for path in Path(zoo.cli.__file__).parent.glob("*.py")}
    assert found - {"__init__", "main", "common", *OF_PREDICT} == set(VERBS)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB\nframe #0"),
    ],
)
def test_a_lack_of_memory_is_one_line(error, fails, monkeypatch):
    def load(*given, **options):
        raise error

    monkeypatch.setattr("zoo.loading.load", load)
    said = fails("predict", "lenet5.tiny", "a.png")
    assert said == "zoo: out of memory: use a smaller input, model or batch_size\n"


def test_another_error_of_torch_is_a_bug_and_shown_as_one(place, monkeypatch):
    def load(*given, **options):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr("zoo.loading.load", load)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        main(["predict", "lenet5.tiny", "a.png"])
