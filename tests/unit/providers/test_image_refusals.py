"""Only a parameter that a model does not know is left out; a value is the user's to mend."""

from __future__ import annotations

import pytest

from studio.providers.image_refusals import refused_values, unknown_parameters

BODY = {
    "model": "org/painter",
    "prompt": "a cat",
    "negative_prompt": "dull",
    "size": "1000x600",
    "seed": 7,
    "steps": 30,
    "guidance": 3.5,
}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("guidance and steps are not allowed", ("steps", "guidance")),
        ("Unknown parameter: 'guidance'", ("guidance",)),
        ("negative_prompt is not supported by this model.", ("negative_prompt",)),
        ("This model does not support negative prompt", ("negative_prompt",)),
        ("got an unexpected keyword argument 'num_inference_steps'", ("steps",)),
        ("guidance: Extra inputs are not permitted", ("guidance",)),
        ("Unrecognized request argument supplied: seed", ("seed",)),
        ("size is an unsupported parameter", ("size",)),
        ("The model doesn't take a seed", ("seed",)),
        ("Parameter steps is not supported. Supported parameters: prompt, size", ("steps",)),
        ("该模型不支持参数 steps", ("steps",)),
        ("未知参数：guidance", ("guidance",)),
    ],
)
def test_an_unknown_parameter_is_left_out(said: str, names: tuple[str, ...]) -> None:
    assert unknown_parameters(said, BODY) == names
    assert refused_values(said, BODY) == ()


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Height must be divisible by 16", ("size",)),
        ("`height` and `width` have to be divisible by 16 but are 600 and 1000.", ("size",)),
        ("size 1000x600 is not supported", ("size",)),
        ("Unsupported size: 1000*600; supported sizes: 1024x1024, 1328x1328", ("size",)),
        ("unsupported image size", ("size",)),
        ("This resolution is not supported by the model", ("size",)),
        ("Invalid size", ("size",)),
        ("num_inference_steps must be between 1 and 8", ("steps",)),
        ("steps exceeds the maximum of 20", ("steps",)),
        ("steps: Input should be less than or equal to 20", ("steps",)),
        ("guidance_scale is out of range", ("guidance",)),
        ("guidance 3.5 is not allowed for this model", ("guidance",)),
        ("seed too large", ("seed",)),
        ("图片宽度必须是16的倍数", ("size",)),
        ("尺寸不支持，取值范围 512-2048", ("size",)),
        ("steps 超出范围", ("steps",)),
    ],
)
def test_a_refused_value_is_never_left_out(said: str, names: tuple[str, ...]) -> None:
    assert unknown_parameters(said, BODY) == ()
    assert refused_values(said, BODY) == names


@pytest.mark.parametrize(
    "said",
    ["No.", "The prompt was refused", "guidance is unknown. Height must be divisible by 16", ""],
)
def test_nothing_is_left_out_for_another_reason(said: str) -> None:
    assert unknown_parameters(said, BODY) == ()


def test_what_was_not_sent_is_not_refused() -> None:
    sent = {"model": "m", "prompt": "p"}
    assert unknown_parameters("unknown parameter: steps", sent) == ()
    assert refused_values("Height must be divisible by 16", sent) == ()
