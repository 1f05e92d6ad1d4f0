import pytest

from monitoring.core.wire.link import ProtectionCounters


@pytest.fixture
def protection():
    return ProtectionCounters()
