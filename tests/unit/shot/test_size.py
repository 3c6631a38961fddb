from math import ceil, floor, isqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wanderlens.shot import I2V_A14B, TI2V_5B, InputError, fit_size

FAMILIES = st.sampled_from([I2V_A14B, TI2V_5B])
BUDGETS = st.sampled_from(["480p", "580p", "720p"])
SIDES = st.integers(16, 6000)


@st.composite
def pictures(draw):
    width = draw(SIDES)
    low, high = max(16, -(-width // 8)), min(6000, width * 8)
    return width, draw(st.integers(low, high))


def budget(resolution, family):
    if resolution == "720p" and family is TI2V_5B:
        return 1280 * 704
    return {"480p": 832 * 480, "580p": 1024 * 576, "720p": 1280 * 720}[resolution]


def draw_size_near_the_budget(data, resolution, family):
    unit = family.size_multiple
    squares = budget(resolution, family) // unit**2
    rows = data.draw(st.integers(isqrt(squares // 8), min(isqrt(squares * 8), squares * 9 // 100)))
    columns = st.integers(ceil(0.94 * squares / rows), floor(1.03 * squares / rows))
    return data.draw(columns) * unit, rows * unit


@pytest.mark.parametrize(
    ("picture", "resolution", "family", "frame"),
    [
        ((832, 480), "480p", I2V_A14B, (832, 480)),
        ((500, 500), "480p", I2V_A14B, (640, 640)),
        ((624, 624), "480p", I2V_A14B, (624, 624)),
        ((1920, 1080), "480p", I2V_A14B, (848, 480)),
        ((1080, 1920), "480p", I2V_A14B, (480, 848)),
        ((1920, 1080), "580p", I2V_A14B, (1024, 576)),
        ((3840, 2160), "720p", I2V_A14B, (1280, 720)),
        ((1024, 1024), "720p", I2V_A14B, (960, 960)),
        ((1500, 1000), "480p", I2V_A14B, (768, 512)),
        ((1280, 704), "720p", TI2V_5B, (1280, 704)),
        ((704, 1280), "720p", TI2V_5B, (704, 1280)),
        ((1000, 1000), "480p", TI2V_5B, (640, 640)),
        ((4096, 512), "480p", I2V_A14B, (1792, 224)),
    ],
)
def test_budget_sizes(picture: tuple[int, int], resolution, family, frame):
    size = fit_size(*picture, resolution, family)
    assert (size.width, size.height) == frame


def test_scale_and_crop_in_numbers():
    # 1920×1080 covers 848×480 at a height of 480: 480/1080 · 1920 = 853.33 columns.
    size = fit_size(1920, 1080, "480p", I2V_A14B)
    assert (size.scaled_width, size.scaled_height) == (853, 480)
    assert (size.crop_left, size.crop_top, size.crop_right, size.crop_bottom) == (2, 0, 3, 0)
    assert size.scale == pytest.approx(480 / 1080)
    assert size.crop_fraction == pytest.approx(5 / 853)
    assert not size.untouched


@given(pictures(), BUDGETS, FAMILIES)
def test_budget_properties(picture: tuple[int, int], resolution, family):
    size = fit_size(*picture, resolution, family)
    unit = family.size_multiple
    assert size.width % unit == size.height % unit == 0
    assert 0.94 <= size.width * size.height / budget(resolution, family) <= 1.03
    # Both sides are whole numbers of units, so the shorter one can miss its ideal by up to half a
    # unit, and the area, which must stay near the budget, doubles that in the aspect.
    assert size.crop_fraction <= unit / min(size.width, size.height)


@given(pictures(), BUDGETS, FAMILIES, st.data())
def test_no_size_near_the_budget_crops_less(picture: tuple[int, int], resolution, family, data):
    size = fit_size(*picture, resolution, family)
    width, height = draw_size_near_the_budget(data, resolution, family)

    def kept(frame_width, frame_height):
        across, down = frame_width * picture[1], frame_height * picture[0]
        return min(across, down) / max(across, down)

    assert kept(size.width, size.height) >= kept(width, height)


@given(pictures(), st.sampled_from(["480p", "580p", "720p", "custom"]), FAMILIES, st.data())
def test_scaled_picture_covers_the_frame_and_is_cut_evenly(
    picture: tuple[int, int], resolution, family, data
):
    unit = family.size_multiple
    sides = st.integers(64 // unit, 4096 // unit).map(lambda count: count * unit)
    size = fit_size(*picture, resolution, family, data.draw(sides), data.draw(sides))
    assert size.scaled_width - size.crop_left - size.crop_right == size.width
    assert size.scaled_height - size.crop_top - size.crop_bottom == size.height
    assert size.crop_right - size.crop_left in (0, 1)
    assert size.crop_bottom - size.crop_top in (0, 1)
    assert min(size.crop_left, size.crop_top) == 0  # it overhangs on one axis only
    assert 0 <= size.crop_fraction < 1
    assert abs(size.scaled_width - size.scale * picture[0]) <= 0.5 + 1e-6
    assert abs(size.scaled_height - size.scale * picture[1]) <= 0.5 + 1e-6


@given(BUDGETS, FAMILIES, st.data())
def test_picture_of_a_fitting_size_is_untouched(resolution, family, data):
    width, height = draw_size_near_the_budget(data, resolution, family)
    assume(max(width, height) <= 8 * min(width, height))
    size = fit_size(width, height, resolution, family)
    assert (size.width, size.height, size.scale, size.crop_fraction) == (width, height, 1, 0)
    assert size.untouched


def test_match_image_cuts_to_multiples_without_scaling():
    size = fit_size(1000, 667, "match image", I2V_A14B)
    assert (size.width, size.height) == (992, 656)
    assert (size.scaled_width, size.scaled_height, size.scale) == (1000, 667, 1.0)
    assert (size.crop_left, size.crop_top, size.crop_right, size.crop_bottom) == (4, 5, 4, 6)


@given(st.integers(64, 1920), st.integers(64, 1088), FAMILIES)
def test_match_image_crops_less_than_a_multiple(width, height, family):
    assume(max(width, height) <= 8 * min(width, height))
    size = fit_size(width, height, "match image", family)
    assert size.scale == 1
    assert 0 <= size.crop_left + size.crop_right < family.size_multiple
    assert 0 <= size.crop_top + size.crop_bottom < family.size_multiple


@pytest.mark.parametrize(
    ("picture", "advice"),
    [((1936, 1088), "720p"), ((4000, 3000), "720p"), ((63, 200), "480p"), ((400, 50), "480p")],
)
def test_match_image_refusals(picture: tuple[int, int], advice):
    with pytest.raises(InputError, match="to match the image") as caught:
        fit_size(*picture, "match image", I2V_A14B)
    assert caught.value.widget == "resolution"
    assert advice in caught.value.remedy
    assert str(picture) in str(caught.value)


def test_match_image_takes_full_hd():
    size = fit_size(1920, 1080, "match image", I2V_A14B)
    assert (size.width, size.height) == (1920, 1072)


def test_custom_size_is_taken_and_its_crop_reported():
    size = fit_size(1920, 1080, "custom", I2V_A14B, 640, 640.0)
    assert (size.width, size.height) == (640, 640)
    assert (size.scaled_width, size.scaled_height) == (1138, 640)
    assert size.crop_fraction == pytest.approx(1 - 640 / 1138)


def test_width_and_height_are_read_for_custom_only():
    assert fit_size(832, 480, "480p", I2V_A14B, "nonsense", -5).width == 832


@pytest.mark.parametrize(
    ("family", "width", "height", "widget", "told"),
    [
        (I2V_A14B, 833, 480, "width", "832 or 848"),
        (I2V_A14B, 832, 500, "height", "496 or 512"),
        (TI2V_5B, 848, 480, "width", "832 or 864"),
        (I2V_A14B, 48, 480, "width", "64 to 4096"),
        (I2V_A14B, 832, 4112, "height", "64 to 4096"),
        (I2V_A14B, None, 480, "width", "64 to 4096"),
        (I2V_A14B, 832, True, "height", "64 to 4096"),
        (I2V_A14B, float("nan"), 480, "width", "64 to 4096"),
        (I2V_A14B, "832", 480, "width", "64 to 4096"),
    ],
)
def test_custom_refusals(family, width, height, widget, told):
    with pytest.raises(InputError) as caught:
        fit_size(1000, 700, "custom", family, width, height)
    assert caught.value.widget == widget
    assert told in str(caught.value)
    assert repr(width if widget == "width" else height) in str(caught.value)


@pytest.mark.parametrize(
    ("width", "height", "told"),
    [
        (15, 600, "at least 16"),
        (600, 0, "at least 16"),
        (-600, 600, "at least 16"),
        (600.5, 600, "at least 16"),
        (True, 600, "at least 16"),
        (801, 100, "at most 8 times"),
        (100, 801, "at most 8 times"),
    ],
)
def test_picture_refusals(width, height, told):
    with pytest.raises(InputError, match=told) as caught:
        fit_size(width, height, "480p", I2V_A14B)
    assert caught.value.widget == "image"
    assert str((width, height)) in str(caught.value)


def test_an_aspect_of_eight_is_taken():
    assert fit_size(800, 100, "480p", I2V_A14B).crop_fraction == 0


@pytest.mark.parametrize("resolution", ["1080p", "", None, 480])
def test_unknown_resolution(resolution):
    with pytest.raises(InputError, match="resolution must be one of 480p") as caught:
        fit_size(800, 600, resolution, I2V_A14B)
    assert caught.value.widget == "resolution"
    assert repr(resolution) in str(caught.value)
