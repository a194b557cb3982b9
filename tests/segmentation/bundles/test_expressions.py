"""The expressions of a configuration: what networks need is worked out as Python would, and nothing else is."""

from typing import Any

import pytest

from apps.segmentation.bundles.expressions import Forbidden, evaluate

VALUES = {"@highres": False, "@bundle_root": "/b", "@a#b": 3, "@a::b": 4, "@device": "cpu"}
KNOWN = {"torch.cuda.is_available": lambda: False, "torch.device": lambda name: ("device", name)}


def value(expression: str) -> Any:
    return evaluate(expression, VALUES.__getitem__, lambda name: KNOWN.get(name, name))


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')", ("device", "cpu")),
        ("[1.5, 1.5, 1.5] if @highres else [3.0, 3.0, 3.0]", [3.0, 3.0, 3.0]),
        ("@bundle_root + '/models/' + 'model.pt'", "/b/models/model.pt"),
        ("@a#b * 2 + @a::b", 10),
        ("torch.float32", "torch.float32"),
        ("(-1, not @highres, 7 // 2, 7 % 4, 1 / 4)", (-1, True, 3, 3, 0.25)),
        ("len([1, 2]) == 2 and max(1, 2) >= 2 or False", True),
        ("[0, 1] + [2]", [0, 1, 2]),
    ],
)  # fmt: skip
def test_what_networks_need_is_worked_out(expression: str, wanted: Any) -> None:
    assert value(expression) == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "open('/etc/passwd').read()",
        "torch.load('x')",
        "torch.cuda",
        "@device.__class__",
        "@network_def.to(@device)",
        "lambda x: x",
        "[x for x in (1, 2)]",
        "(1).__class__.__base__.__subclasses__()",
        "'a' * 1000000000",
        "2 ** 1000000000",
        "f'{1}'",
        "[1, 2][0]",
        "{'a': 1}",
        "len(obj=1)",
        "getattr(torch, 'load')",
        "x := 1",
        "1 < 2 < 3",
        "~1",
        "1; 2",
        "unknown",
        "(" * 600,
        "(" * 300 + "1" + ")" * 300,
        "",
    ],
)
def test_nothing_else_is(expression: str) -> None:
    with pytest.raises((Forbidden, KeyError)):
        value(expression)
