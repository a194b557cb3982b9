"""The expressions of a bundle's configuration (`$…`): the few that networks need, and nothing that could do harm; pure.

MONAI would have Python evaluate any; here they are read into a tree, of which every node must be one of these.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

# `@network_def`, `@displayable_configs#highres`, `@a::b`.
REFERENCE: Final = re.compile(r"@\w+(?:(?:#|::)\w+)*")
MOST_CHARACTERS: Final = 500
# The types of numbers that a configuration may name, after `torch.`, `numpy.` or `np.`.
_TYPES: Final = frozenset({"float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"})
_HOLDERS: Final = frozenset({"torch", "numpy", "np"})
_CALLS: Final = frozenset({"torch.device", "torch.cuda.is_available"})
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "int": int, "float": float, "bool": bool, "len": len, "min": min, "max": max, "sum": sum, "list": list,
    "tuple": tuple,
}  # fmt: skip
_BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
_UNARY: Final[Mapping[type[ast.unaryop], Callable[[Any], Any]]] = {ast.USub: operator.neg, ast.Not: operator.not_}
_COMPARED: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip


class Forbidden(ValueError):
    """An expression that isn't one of those; the text is the expression's beginning."""


Referred = Callable[[str], Any]
# What `torch.device`, `numpy.float32` and their like are, by their whole name.
Known = Callable[[str], Any]


def evaluate(expression: str, referred: Referred, known: Known) -> Any:
    """The value of an expression without its `$`. `referred` gives what `@name` stands for. Raises Forbidden."""
    tree, names = _parsed(expression)
    return _Evaluation({f"_{number}": name for number, name in enumerate(names)}, referred, known).value(tree.body)


def _parsed(expression: str) -> tuple[ast.Expression, list[str]]:
    """The tree, in which references are names such as `_0`, and what each of these refers to."""
    names: list[str] = []

    def placed(match: re.Match[str]) -> str:
        names.append(match[0])
        return f"_{len(names) - 1}"

    if len(expression) > MOST_CHARACTERS:
        raise Forbidden(expression[:80])
    try:
        return ast.parse(REFERENCE.sub(placed, expression).strip(), mode="eval"), names
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Forbidden(expression[:80]) from error


class _Evaluation:
    """One expression: what its names refer to, and how its nodes are worked out."""

    def __init__(self, names: Mapping[str, str], referred: Referred, known: Known) -> None:
        self._names, self._referred, self._known = names, referred, known

    def value(self, node: ast.AST) -> Any:
        """Raises Forbidden for a node that isn't one of those."""
        if type(node) not in _NODES:
            raise Forbidden(type(node).__name__)
        return _NODES[type(node)](self, node)

    def constant(self, node: ast.Constant) -> Any:
        return node.value

    def name(self, node: ast.Name) -> Any:
        if node.id not in self._names:
            raise Forbidden(node.id)
        return self._referred(self._names[node.id])

    def attribute(self, node: ast.Attribute) -> Any:
        name = _dotted(node)
        if not _is_type(name):
            raise _forbidden(node)
        return self._known(name)

    def list(self, node: ast.List) -> Any:
        return [self.value(part) for part in node.elts]

    def tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.value(part) for part in node.elts)

    def choice(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def boolean(self, node: ast.BoolOp) -> Any:
        among = any if isinstance(node.op, ast.Or) else all
        return among(self.value(part) for part in node.values)

    def unary(self, node: ast.UnaryOp) -> Any:
        if type(node.op) not in _UNARY:
            raise _forbidden(node)
        return _UNARY[type(node.op)](self.value(node.operand))

    def compared(self, node: ast.Compare) -> Any:
        if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARED:
            raise _forbidden(node)
        return _COMPARED[type(node.ops[0])](self.value(node.left), self.value(node.comparators[0]))

    def combined(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        are_joined = isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, Sequence)
        are_numbers = all(isinstance(each, int | float) for each in (left, right))
        if type(node.op) not in _BINARY or not (are_joined or are_numbers):
            raise _forbidden(node)
        return _BINARY[type(node.op)](left, right)

    def called(self, node: ast.Call) -> Any:
        name = _dotted(node.func)
        if node.keywords or name not in _CALLS | _FUNCTIONS.keys():
            raise _forbidden(node.func)
        function = _FUNCTIONS[name] if name in _FUNCTIONS else self._known(name)
        return function(*[self.value(part) for part in node.args])


_NODES: Final[Mapping[type[ast.AST], Callable[[_Evaluation, Any], Any]]] = {
    ast.Constant: _Evaluation.constant, ast.Name: _Evaluation.name, ast.Attribute: _Evaluation.attribute,
    ast.List: _Evaluation.list, ast.Tuple: _Evaluation.tuple, ast.IfExp: _Evaluation.choice,
    ast.BoolOp: _Evaluation.boolean, ast.UnaryOp: _Evaluation.unary, ast.Compare: _Evaluation.compared,
    ast.BinOp: _Evaluation.combined, ast.Call: _Evaluation.called,
}  # fmt: skip


def _forbidden(node: ast.expr) -> Forbidden:
    return Forbidden(ast.unparse(node)[:80])


def _dotted(node: ast.AST) -> str:
    """`torch.cuda.is_available` of such a node; empty for another."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name) if holder := _dotted(value):
            return f"{holder}.{name}"
    return ""


def _is_type(name: str) -> bool:
    holder, _, of = name.partition(".")
    return holder in _HOLDERS and of in _TYPES
