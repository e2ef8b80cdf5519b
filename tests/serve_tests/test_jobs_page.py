"""The page of training jobs in a real browser."""

import json

import pytest

from tests.fixtures import browsing, service
from tests.serve_tests.tiny_training import TOKEN, needs_queue

pytestmark = needs_queue


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
    page.get_by_role("heading", name="Start a training").click()
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
    page.wait_for_selector("#jobs .state")
    assert page.locator("#jobs .state").all_inner_texts() == ["queued"]
    assert page.locator("#jobs .title").inner_text() == "tiny"
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
    page.get_by_role("heading", name="Start a training").click()
    page.get_by_label("originals of mine").check()
    page.get_by_role("button", name="Queue it").click()
    page.wait_for_selector("#problems li")
    assert "choose a zip archive" in page.locator("#problems").inner_text()


def test_jobs_come_first_with_name_model_and_duration(page):
    job = {
        "id": "5f0c8a3e-7d7b-4a53-9a0e-6c3f3f7d9f21", "state": "finished", "created_at": "2024-05-01T10:00:00Z",
        "started_at": "2024-05-01T10:00:00Z", "ended_at": "2024-05-01T10:20:00Z", "pairs": "tiny", "n_originals": None,
        "training": {"corpus": "photos of cats", "epochs": 5, "parent": None, "search_trials": 0}, "progress": None,
        "error": None, "model": "0123456789ab",
    }  # fmt: skip
    page.route("**/v1/training-jobs", lambda route: route.fulfill(json={"jobs": [job]}))
    _sign_in(page)
    page.wait_for_selector("#jobs li")
    text = page.locator("#jobs li").inner_text()
    assert all(words in text for words in ("finished", "photos of cats", "model 0123456789ab", "took 20 min"))
    headings = page.locator("h2:visible").all_inner_texts()
    assert headings == ["Jobs", "Models", "Start a training"]
    assert page.get_by_role("button", name="Queue it").is_hidden()


def test_a_model_that_fails_its_test_is_used_only_after_a_second_question(page):
    asked = []

    def answer(route):
        asked.append(route.request.url.rsplit("=", 1)[1])
        seen = [{"name": "cat", "original": 0.6, "damaged": 0.5, "ranked_rightly": False}]
        if asked[-1] == "false":
            detail = "only 0 of 1 golden originals are ranked first; not that of cat"
            problem = {"code": "self_test_failed", "detail": detail, "self_test": seen, "may_be_forced": True}
            route.fulfill(status=409, json=problem)
        else:
            route.fulfill(json={"serving": "0123456789ab", "previous": None, "failed": ["cat"], "self_test": seen})

    models = {"serving": "aaaaaaaaaaaa", "previous": None, "models": [
        {"id": "0123456789ab", "serving": False, "job": None, "corpus": "cats", "evaluation": None},
    ]}  # fmt: skip
    page.route("**/v1/models", lambda route: route.fulfill(json=models))
    page.route("**/activate*", answer)
    _sign_in(page)
    page.get_by_role("button", name="Activate").click()
    page.wait_for_selector("#doubt:not([hidden])")
    assert "only 0 of 1 golden originals" in page.locator("#doubt").inner_text()
    page.get_by_role("button", name="Leave it").click()
    assert page.locator("#doubt").is_hidden()
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("button", name="Use anyway").click()
    page.wait_for_selector("#status:has-text('ranked 0 of 1 golden images rightly')")
    assert asked == ["false", "false", "true"]
