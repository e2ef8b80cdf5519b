"""Compiles the measurements' inner loops when genloss is installed; all else is in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).resolve().parent))
from genloss.model.kernels.build import compile_kernels


class BuildKernels(build_ext):
    """One extension module, made by numba from Python."""

    def build_extension(self, ext: Extension) -> None:
        compile_kernels(Path(self.get_ext_fullpath(ext.name)))


setup(ext_modules=[Extension("genloss.model.kernels._kernels", sources=[])], cmdclass={"build_ext": BuildKernels})
