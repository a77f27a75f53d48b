"""The user's photographs for image features: in memory, and as what there is to measure."""

from tests.helpers.photographs import write_folder
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.own.image_features import own_data, to_measure


def test_all_of_it_is_divided(tmp_path):
    data = own_data(write_folder(tmp_path / "photos", 10), PhotographFrontEnd())
    assert (data.name, data.licence) == ("photos", "the user's data")
    assert [len(part) for part in data.parts().values()] == [8, 1, 1]
    assert data.train.files
    assert all(len(one) == 2 for one in data.examples()["train"])  # of file and pixels


def test_what_there_is_to_measure(tmp_path):
    home = write_folder(tmp_path / "photos", 3)
    listed, parts, told = to_measure(home, PhotographFrontEnd(), list)
    assert (listed.size, list(parts), told) == (3, [""], [])
    assert len(parts[""]) == 3
