"""Compiles the loops to extension modules; setup.py does it whenever genloss is built or installed.

One module is for any processor of the machine's family, one for x86 processors with AVX2. Both come from the same C file,
and give the same results to the last bit: nothing is reordered, and no multiplication is fused with an addition.
"""

import os
import platform
import sys
from pathlib import Path
from typing import Any

from setuptools import Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

from genloss.model.kernels import source_crc

_PACKAGE = "genloss.model.kernels"
_PYX = Path(__file__).parent / "_kernels.pyx"
# _FLAGS are for all compilers but Microsoft's. _GCC_FLAGS let GCC vectorise loops over many arrays.
_FLAGS = ("-g0", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
_GCC_FLAGS = ("--param=vect-max-version-for-alias-checks=60", "-ftree-vectorize", "-fvect-cost-model=dynamic")


def extensions() -> list[Extension]:
    """The extension modules for this machine. All may fail to compile, because the sources run uncompiled as well."""
    names = ["_kernels"]
    if platform.machine().lower() in ("x86_64", "amd64") and not _builds_for("arm64"):
        names.append("_kernels_avx2")
    return [Extension(f"{_PACKAGE}.{name}", sources=[], optional=True) for name in names]


class BuildKernels(build_ext):
    """Writes the C file to setuptools' folder for temporary files, and compiles it."""

    def build_extension(self, ext: Extension) -> None:
        folder = Path(self.build_temp).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        name = ext.name.rpartition(".")[2]
        _write_c(folder / "_kernels.c")
        if name != "_kernels":  # the same code under another name
            (folder / f"{name}.c").write_text(f'#define PyInit__kernels PyInit_{name}\n#include "_kernels.c"\n')
        ext.sources = [str(folder / f"{name}.c")]
        ext.define_macros = [("GENLOSS_SOURCE_CRC", f"{source_crc()}u")]
        ext.extra_compile_args = _flags(self.compiler.compiler_type, name)
        # The module must not search the folders of the Python that builds it, because other machines lack them.
        if self.compiler.compiler_type == "unix":
            self.compiler.linker_so = [word for word in self.compiler.linker_so if not word.startswith("-Wl,-rpath")]
        print(f"compiling {name}", file=sys.stderr)
        super().build_extension(ext)

    def copy_file(self, infile: Any, outfile: Any, *arguments: Any, **options: Any) -> Any:
        """Replaces a module by renaming, so that a process that has loaded the earlier module keeps it."""
        found = super().copy_file(infile, f"{outfile}.new", *arguments, **options)
        os.replace(f"{outfile}.new", outfile)
        return found


def _write_c(path: Path) -> None:
    """Translates the loops to C, unless the other module's build has done so.

    Raises:
        CompileError: Cython is not installed.
    """
    mark = path.with_suffix(".crc")
    if mark.is_file() and mark.read_text() == str(source_crc()):
        return
    try:
        from Cython.Compiler.Main import CompilationOptions, compile_single
    except ImportError as error:
        raise CompileError(f"Cython is not installed ({error})") from error
    found = compile_single(str(_PYX), CompilationOptions(output_file=str(path), language_level=3), f"{_PACKAGE}._kernels")
    if found.num_errors:
        raise CompileError(f"{_PYX.name}: {found.num_errors} errors")
    mark.write_text(str(source_crc()))


def _flags(compiler: str, name: str) -> list[str]:
    with_avx2 = name.endswith("_avx2")
    if compiler == "msvc":
        return ["/O2", "/fp:precise", *(["/arch:AVX2"] if with_avx2 else [])]
    is_gcc = sys.platform.startswith("linux") and "clang" not in os.environ.get("CC", "")
    # Where both modules exist, hardly any processor loads the one without AVX2. -O2 saves a fifth of its compile time.
    level = "-O2" if len(extensions()) == 2 and not with_avx2 else "-O3"
    return [level, *_FLAGS, *(_GCC_FLAGS if is_gcc else ()), *(["-mavx2", "-mtune=haswell"] if with_avx2 else [])]


def _builds_for(machine: str) -> bool:
    """Whether ARCHFLAGS tells macOS's compiler to build for this kind of machine, such as arm64."""
    return sys.platform == "darwin" and machine in os.environ.get("ARCHFLAGS", "")
