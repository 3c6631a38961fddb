"""A switch of the user's in ComfyUI's settings file."""

from wanderlens.engines.comfyui.settings import settings_switch


def test_settings_are_read_with_care(tmp_path):
    file = tmp_path / "comfy.settings.json"
    assert settings_switch(file, "Keep", default=True)
    for text, expected in (
        ('{"Keep": false}', False), ('{"Keep": true}', True), ('{"Keep": 0}', True), ("{", True),
        ('{"Other": false}', True), ("[]", True), ('{"Keep": null}', True),
    ):  # fmt: skip
        file.write_text(text)
        assert settings_switch(file, "Keep", default=True) is expected, text
