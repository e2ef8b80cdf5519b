"""What Cython's own words mean where the loops are not compiled: nothing, or an array of NumPy's.

The loops import this module under the name `cython`; where they are compiled, the compiler knows that name itself.
(Cython's package for the purpose would round no number to single precision, and would have to be installed.)
"""

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])

compiled = False
void: TypeAlias = None
p_float: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class _Kind:
    """A type of C, and arrays of it: float[1024]."""

    dtype: type
    length: builtins.int = 0

    def __getitem__(self, length: builtins.int) -> "_Kind":
        return _Kind(self.dtype, length)


float = _Kind(np.float32)
double = _Kind(np.float64)
int = _Kind(np.int32)
uchar = _Kind(np.uint8)


def declare(kind: Any, value: Any = None) -> Any:
    """An array on the stack, or a number whose type in C is said."""
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
    """Around statements, or as a decorator: the interpreter's lock is not held."""

    def __call__(self, function: Function) -> Function:
        return function

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass


nogil = _NoGil()
