"""A tiny folder like LFW's: people as flat colours, pairs in folds."""

from PIL import Image

PEOPLE = {"Ann_Lee": 200, "Bob_Day": 120, "Eve_Orr": 40}


def image(folder, name, number, ending=".png"):
    path = folder / name / f"{name}_{number:04}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (6, 6), (PEOPLE[name], number, 0)).save(path)
    return path


def lfw_folder(folder, folds=3, ending=".png"):
    """Two pairs of the same and two of two in each fold; the images of a fold are its own."""
    lines = [f"{folds}\t2"]
    for fold in range(folds):
        a, b, c = (3 * fold + n for n in (1, 2, 3))
        lines += [f"Ann_Lee\t{a}\t{b}", f"Bob_Day\t{a}\t{c}"]
        lines += [f"Ann_Lee\t{a}\tBob_Day\t{b}", f"Ann_Lee\t{c}\tEve_Orr\t{a}"]
        for name, number in [("Ann_Lee", n) for n in (a, b, c)] + [
            *(("Bob_Day", n) for n in (a, b, c)),
            ("Eve_Orr", a),
        ]:
            image(folder, name, number, ending)
    (folder / "pairs.txt").write_text("\n".join(lines) + "\n")
    return folder
