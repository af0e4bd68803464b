"""Finds a sum in a question and works it out, without ever running the text as code."""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SUM = re.compile(r"(?<![\w.)])-?[\d.(][\d\s.()+\-*/×÷^]*[\d)]")
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_LARGEST_EXPONENT = 64
_LARGEST_BASE = 1e6
# A range such as 1-2 inside a long question is not a sum.
_MOST_WORDS_AROUND = 30


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum as it was written, as LaTeX, and what it comes to."""

    source: str
    latex: str
    result: str


def find(text: str) -> Sum | None:
    """The first sum in `text`, worked out; None when there is none, or much else besides."""
    for hit in _SUM.finditer(text):
        source = hit.group().strip()
        is_aside = len(text) - len(source) > _MOST_WORDS_AROUND
        if is_aside or not re.search(r"[+\-*/×÷^]", source):
            continue
        plain = source.replace("×", "*").replace("÷", "/").replace("^", "**")
        try:
            value = _value(ast.parse(plain, mode="eval").body)
        except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
            continue
        latex = plain.replace("**", "^").replace("*", r" \times ").replace("/", r" \div ")
        latex = re.sub(r"\s+", " ", latex)
        return Sum(source, latex, f"{value:.10g}")
    return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _value(node.left), _value(node.right)
        powers = isinstance(node.op, ast.Pow)
        if powers and (abs(right) > _LARGEST_EXPONENT or abs(left) > _LARGEST_BASE):
            raise OverflowError
        result = _OPERATIONS[type(node.op)](left, right)
        if isinstance(result, complex):
            raise ValueError("not a real number")
        return result
    raise ValueError("not a sum")
