"""What is installed: the wheel holds the tree and the weights, and nothing else."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def tracked(*folders):
    told = subprocess.run(
        ["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode or not told.stdout:
        pytest.skip("needs a git checkout")
    return {line for line in told.stdout.splitlines() if (ROOT / line).exists()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_is_the_tree(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = {n for n in packed.namelist() if ".dist-info/" not in n}
    expected = {n for n in tracked("zoo")}
    expected |= {n.replace("weights/", "zoo/_weights/", 1) for n in tracked("weights")}
    assert names == expected
    assert not [n for n in names if n.endswith((".pt", ".pth", ".pkl", ".bin"))]


def test_the_weights_work_from_the_wheel(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    script = "import zoo; print(zoo.__file__, *zoo.list_weights())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    where, *names = done.stdout.split()
    assert Path(where).is_relative_to(tmp_path)
    assert names == sorted(p.stem for p in (ROOT / "weights").glob("*.json"))


def test_the_constraints_fit_the_ranges():
    from importlib.metadata import version

    from packaging.requirements import Requirement

    text = (ROOT / "constraints.txt").read_text()
    pins = dict(line.split("==") for line in text.splitlines() if line and not line.startswith("#"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    for line in [*project["dependencies"], *(need for extra in extras for need in extra)]:
        need = Requirement(line)
        if need.name == project["name"]:
            continue  # an extra made of others
        assert need.specifier.contains(pins[need.name]), line
    assert "http" not in text
    assert version("torch").startswith(("2.11", "2.12", "2.13", "2.14"))
