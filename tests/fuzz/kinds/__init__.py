"""The kinds of input, a module each."""

from __future__ import annotations

import importlib
import pkgutil

from tests.fuzz.fuzz_kind import FuzzKind


def all_kinds() -> dict[str, FuzzKind]:
    """Return the `KIND` of every module here, by name."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return {module.KIND.name: module.KIND for module in modules}
