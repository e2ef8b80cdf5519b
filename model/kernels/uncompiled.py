"""Cython's own words for uncompiled loops: they do nothing, or make a NumPy array.

The loops import this module under the name `cython`; the compiler has its own meaning for that name.
(Cython's own package for this purpose does not round numbers to single precision, and would have to be installed.)
"""

import builtins
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])

compiled = False
void: TypeAlias = None
p_float: TypeAlias = NDArray[np.float32]


class _Kind:
    """A type of C, or an array of that type, such as float[1024]."""

    def __init__(self, dtype: type, length: builtins.int = 0) -> None:
        self.dtype = dtype
        self.length = length

    def __getitem__(self, length: builtins.int) -> "_Kind":
        return _Kind(self.dtype, length)


float = _Kind(np.float32)
double = _Kind(np.float64)
int = _Kind(np.int32)
uchar = _Kind(np.uint8)


def declare(kind: Any, value: Any = None) -> Any:
    """Declares a C variable: gives zeros for the type of an array, else the value itself."""
    return np.zeros(kind.length, kind.dtype) if isinstance(kind, _Kind) and kind.length else value


def ccall(function: Function) -> Function:
    """Marks a function that Python and C call."""
    return function


def cfunc(function: Function) -> Function:
    """Marks a function that only C calls."""
    return function


def exceptval(check: bool = True) -> Callable[[Function], Function]:
    """Marks a function that raises nothing."""
    return ccall


class _NoGil:
    """A block or a decorated function in which compiled code releases the interpreter's lock."""

    def __call__(self, function: Function) -> Function:
        return function

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass


nogil = _NoGil()
