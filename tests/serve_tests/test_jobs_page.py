"""The page of training jobs in a real browser."""

import json

import pytest

from tests.fixtures import browsing, service
from tests.serve_tests.tiny_training import TOKEN


@pytest.fixture(scope="module")
def jobs_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def running(jobs_folder, listed_pairs):
    """A service without a worker: what is queued stays queued."""
    variables = {"training_token": TOKEN, "jobs_folder": jobs_folder, "pairs_folder": listed_pairs, "jobs_worker": "separate"}
    with service(**variables) as running:
        yield running


@pytest.fixture
def page(browser, running):
    """The page on a phone in dark mode; afterwards: nothing was asked of another host, no script failed, nothing sticks out."""
    requests, failures = [], []
    with browsing(browser, viewport={"width": 400, "height": 900}, color_scheme="dark") as page:
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(f"{running.url}/jobs")
        yield page
        width = page.evaluate("document.documentElement.scrollWidth")
    assert f"{running.url}/jobs" in requests
    assert [url for url in requests if not url.startswith(f"{running.url}/")] == []
    assert failures == []
    assert width <= 400


def _sign_in(page, token=TOKEN):
    page.get_by_label("Training token").fill(token)
    page.get_by_role("button", name="Show jobs").click()


def test_a_wrong_token_is_said_and_can_be_corrected(page):
    _sign_in(page, "not-the-right-token")
    page.wait_for_selector("#problems li")
    assert "token_wrong" in page.locator("#problems").inner_text()
    _sign_in(page)
    page.wait_for_selector("#content:not([hidden])")
    assert page.locator("#problems li").count() == 0
    assert page.locator("#models strong").inner_text() == "serving"
    assert page.locator("#models tr").count() == 1


def test_a_job_is_started_watched_and_cancelled(page, jobs_folder):
    _sign_in(page)
    page.wait_for_selector("#content:not([hidden])")
    page.get_by_label("Epochs", exact=True).fill("5")
    page.get_by_label("Trials of a search first").fill("3")
    assert page.get_by_label("Learning rate").is_disabled()
    assert page.get_by_label("Start from").is_disabled()
    page.get_by_label("Trials of a search first").fill("0")
    serving = page.locator("#models code").inner_text()
    page.get_by_label("Start from").select_option(serving)
    assert page.get_by_label("Aggregator").is_disabled()
    assert page.get_by_label("Learning rate").is_enabled()
    page.get_by_role("button", name="Queue it").click()
    page.wait_for_selector("#job:not([hidden])")
    assert page.locator("#jobs .state").all_inner_texts() == ["queued"]
    assert f"tiny, 5 epochs, from {serving}" in page.locator("#jobs").inner_text()
    (folder,) = (path for path in jobs_folder.iterdir() if path.is_dir())
    (folder / "run").mkdir()
    points = [(1, 0.61, 0.58), (2, 0.7, 0.66), (3, 0.75, None)]
    lines = [
        json.dumps(
            {
                "event": "epoch", "phase": "the tower", "epoch": epoch, "loss": 0.6, "pair_accuracy": training,
                "validation_accuracy": validation, "seconds": 1.0,
            }
        )
        for epoch, training, validation in points
    ]  # fmt: skip
    (folder / "run/progress.jsonl").write_text("\n".join(lines) + "\n")  # as `genloss train` writes it
    page.wait_for_selector('#curves[aria-label*="after epoch 3"]')
    assert len(page.locator("#curves .training").get_attribute("points").split(" ")) == 3
    assert len(page.locator("#curves .validation").get_attribute("points").split(" ")) == 2
    assert "training 75.0 %" in page.locator("#curves").get_attribute("aria-label")
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector("#jobs .state.cancelled")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_selector("#jobs .state.queued")


def test_starting_without_an_archive_is_refused_in_words(page):
    _sign_in(page)
    page.wait_for_selector("#content:not([hidden])")
    page.get_by_label("originals of mine").check()
    page.get_by_role("button", name="Queue it").click()
    page.wait_for_selector("#problems li")
    assert "choose a zip archive" in page.locator("#problems").inner_text()
