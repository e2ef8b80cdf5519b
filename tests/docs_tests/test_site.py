"""The documents: links lead somewhere, the site asks nothing of another host, and no page is missing from its navigation."""

import importlib
from types import ModuleType

import pytest

from tests.fixtures import ROOT


@pytest.fixture(scope="module")
def site():
    """Imports a script of docs/site by its name; the folder is no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs/site")
        yield importlib.import_module


PAGE = """# One & two: `three`
[good](other.md#a-heading) [bad file](missing.md) [bad heading](other.md#nothing) [self](#one--two-three)
<img src="picture.png"> [code `not/a/link.md`](https://example.org)

    [in code](nowhere.md)
"""


def test_links_name_a_bad_file_heading_and_picture(site, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    (tmp_path / "other.md").write_text("# A heading\n")
    faults = list(_checker(site).page_faults(page, tmp_path))
    assert faults == [
        "page.md:2: missing.md: no such file",
        "page.md:2: other.md#nothing: no such heading",
        "page.md:2: picture.png: no such file",
    ]


def test_links_may_not_leave_the_repository(site, tmp_path):
    root = tmp_path / "checkout"
    root.mkdir()
    (tmp_path / "outside.md").write_text("# Outside\n")
    page = root / "page.md"
    page.write_text("[out](../outside.md)\n")
    assert list(_checker(site).page_faults(page, root)) == ["page.md:1: ../outside.md: outside the repository"]


def test_a_list_that_the_site_would_not_see_is_a_fault(site, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Three things:\n- one\n- two\n\nand\n\n- three\n\n# Heading\n- four\n")
    (fault,) = _checker(site).page_faults(page, tmp_path)
    assert fault.startswith("page.md:2:")
    page.write_text("- one\n\n  goes on\n\n- two\n\n    goes on\n")
    (fault,) = _checker(site).page_faults(page, tmp_path)
    assert fault.startswith("page.md:3:")


def test_what_a_page_fetches_from_another_host_is_found_and_links_are_not(site, tmp_path):
    (tmp_path / "page.html").write_text(
        '<link rel="stylesheet" href="https://fonts.example/a.css"><link rel="canonical" href="https://here.example/">'
        '<a href="https://example.org">read</a><img src="local.png"><script src="//cdn.example/x.js"></script>'
    )
    (tmp_path / "sheet.css").write_text("@font-face { src: url('https://fonts.example/b.woff2') }")
    assert list(site("outside_requests").outside_requests(tmp_path)) == [
        "page.html: fetches https://fonts.example/a.css",
        "page.html: fetches //cdn.example/x.js",
        "sheet.css: fetches from another host",
    ]


def test_the_navigation_names_pages_that_exist_and_finds_the_others(site, tmp_path):
    settings = (ROOT / "docs/site/zensical.toml").read_text(encoding="utf-8")
    builder = site("build_site")
    listed = builder.listed_pages(settings)
    assert [name for name in listed if not (ROOT / name).is_file()] == []
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/new.md").write_text("# New\n")
    assert builder.unlisted_pages(tmp_path, settings) == ["docs/new.md"]


def _checker(site) -> ModuleType:
    return site("check_links")
