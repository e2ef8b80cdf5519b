"""Compiles these loops to the extension module _kernels; setup.py does it whenever genloss is installed.

Ahead of time, for numba itself takes a second to import and 190 MB of disk, which scoring does without. It needs numba, a
C compiler and Python's headers.
"""

import os
import platform
import tempfile
import warnings
from pathlib import Path

import llvmlite.binding
from numba import njit

from genloss.model.kernels import blocks, codes, colours, derivations, lattices, levels, lines, source_crc, warps

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pycc is to be replaced one day; the lock names a version that has it
    from numba.pycc import CC

# What every x86 processor since 2013 has (x86-64-v3 of the psABI); an older one gets what all of them have.
LEVEL = "x86-64-v3"
LEVEL_FEATURES = ("avx2", "bmi2", "fma", "lzcnt", "movbe")


def compile_kernels(into: Path) -> None:
    """Writes the extension module; a process that has an earlier one open keeps that."""
    crc = source_crc()
    compiler = CC("_kernels")
    compiler.target_cpu = target()
    for module in (blocks, derivations, warps):
        for function in module.INNER:
            setattr(module, function.__name__, njit(function, inline="always"))
    for module in (blocks, codes, colours, derivations, lattices, levels, lines, warps):
        for function, signature in module.SIGNATURES.items():
            compiler.export(function.__name__, signature)(function)
    compiler.export("source_crc", "i8()")(lambda: crc)
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".kernels-") as folder:
        compiler.output_dir, compiler.output_file = folder, into.name
        compiler.compile()
        os.replace(Path(folder, into.name), into)


def target() -> str:
    """Name of the processors to compile for, as LLVM knows them."""
    features = llvmlite.binding.get_host_cpu_features()
    modern = platform.machine().lower() in ("x86_64", "amd64") and all(features.get(name) for name in LEVEL_FEATURES)
    return LEVEL if modern else "generic"
