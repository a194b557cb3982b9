"""The expressions of a bundle's configuration (`$…`): the few that networks need, and nothing that could do harm; pure.

MONAI would have Python evaluate any; here they are read into a tree, of which every node must be one of these.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
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
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if name in self._names:
                return self._referred(self._names[name])
            case ast.List(elts=parts):
                return [self.value(part) for part in parts]
            case ast.Tuple(elts=parts):
                return tuple(self.value(part) for part in parts)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body) if self.value(test) else self.value(orelse)
            case ast.Attribute() if (name := _dotted(node)) and _is_type(name):
                return self._known(name)
        return self._worked_out(node)

    def _worked_out(self, node: ast.AST) -> Any:
        match node:
            case ast.Call(func=function, args=parts, keywords=[]):
                return self._called(function, [self.value(part) for part in parts])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self._combined(_BINARY[type(op)], self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
                return _COMPARED[type(op)](self.value(left), self.value(right))
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self.value(part) for part in parts)
            case ast.BoolOp(op=ast.Or(), values=parts):
                return any(self.value(part) for part in parts)
        raise Forbidden(ast.unparse(node)[:80] if isinstance(node, ast.expr) else type(node).__name__)

    def _called(self, function: ast.expr, parts: list[Any]) -> Any:
        name = _dotted(function)
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](*parts)
        if name in _CALLS:
            return self._known(name)(*parts)
        raise Forbidden(ast.unparse(function)[:80])

    @staticmethod
    def _combined(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        is_joining = operation is operator.add and type(left) is type(right) and isinstance(left, str | list | tuple)
        if is_joining or all(isinstance(each, int | float) for each in (left, right)):
            return operation(left, right)
        raise Forbidden(operation.__name__)


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
