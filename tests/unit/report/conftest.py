"""Regions to report on, and a browser to look at the pages."""

import pytest
from helpers.browser import Browser
from helpers.report_region import Region


@pytest.fixture
def region(tmp_path):
    """The lab as it was saved, with more asked of it since."""
    return Region(tmp_path)


@pytest.fixture(scope="session")
def browser():
    """Chromium, for all tests: a start takes seconds."""
    with Browser() as running:
        yield running
