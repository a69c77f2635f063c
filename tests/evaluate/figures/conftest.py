"""What the tests of figures share with those of measuring."""

from tests.measure.conftest import read

__all__ = ["read"]
