"""Types of arrays and numbers in uncompiled loops; _kernels.pyx defines the same names for the compiler.

A name ends with the number of dimensions. Arrays are in C order; loops write only to those whose type begins with Out.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes1: TypeAlias = NDArray[np.uint8]
Bytes2: TypeAlias = NDArray[np.uint8]
Bytes3: TypeAlias = NDArray[np.uint8]
OutBytes2: TypeAlias = NDArray[np.uint8]
OutBytes3: TypeAlias = NDArray[np.uint8]
Counts2: TypeAlias = NDArray[np.uint16]
OutCounts2: TypeAlias = NDArray[np.uint16]
OutCounts3: TypeAlias = NDArray[np.uint16]
Codes1: TypeAlias = NDArray[np.uint32]
OutCodes1: TypeAlias = NDArray[np.uint32]
OutShorts1: TypeAlias = NDArray[np.int16]
OutShorts3: TypeAlias = NDArray[np.int16]
Ints1: TypeAlias = NDArray[np.int32]
OutInts1: TypeAlias = NDArray[np.int32]
Whole1: TypeAlias = NDArray[np.int64]
Whole2: TypeAlias = NDArray[np.int64]
OutWhole1: TypeAlias = NDArray[np.int64]
OutWhole2: TypeAlias = NDArray[np.int64]
Real1: TypeAlias = NDArray[np.float32]
Real2: TypeAlias = NDArray[np.float32]
OutReal1: TypeAlias = NDArray[np.float32]
OutReal2: TypeAlias = NDArray[np.float32]
OutReal3: TypeAlias = NDArray[np.float32]
OutDouble1: TypeAlias = NDArray[np.float64]
OutDouble2: TypeAlias = NDArray[np.float64]

f4: TypeAlias = Any  # a NumPy number of this size, or a Python number
f8: TypeAlias = Any
i4: TypeAlias = Any
i8: TypeAlias = Any
u4: TypeAlias = Any
flag: TypeAlias = bool

int16 = np.int16
int32 = np.int32
int64 = np.int64
uint32 = np.uint32
float32 = np.float32
float64 = np.float64
rint = np.rint
sqrt = np.sqrt


def word_at(coded: Bytes1, at: i8) -> Any:
    """Eight bytes as an int64, the first one highest."""
    return np.int64(int.from_bytes(coded[at : at + 8].tobytes(), signed=True))
