"""Jobs, ledger, drafts and the catalogue come back as they were kept."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from studio.core.images import ImageJob, ImageRequest, JobStatus
from studio.storage import key_value, usage_log
from studio.storage.db.database import Database
from studio.storage.pictures import jobs


def job(prompt: str) -> ImageJob:
    return ImageJob(ImageRequest("Qwen/Qwen-Image", prompt, size=(64, 64), seed=1), "https://h")


def test_a_job_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Database.open(tmp_path / "studio.db")
    kept = job("猫")
    first.call_sync(jobs.save_job, kept)
    pending = replace(
        kept,
        status=JobStatus.PENDING,
        task_id="t-1",
        result_url="https://h/1.png",
        submitted_at=12.5,
        error="{}",
    )
    first.call_sync(jobs.save_job, pending)
    first.close()
    second = Database.open(tmp_path / "studio.db")
    assert second.call_sync(jobs.load_jobs) == [pending]
    second.call_sync(jobs.save_job, replace(pending, status=JobStatus.DONE))
    assert second.call_sync(jobs.load_jobs) == []
    assert len(second.call_sync(jobs.load_jobs, ended=True)) == 1
    second.call_sync(jobs.forget_job, kept.id)
    assert second.call_sync(jobs.load_jobs, ended=True) == []
    second.close()


def test_jobs_keep_their_order_and_can_be_reordered(database: Database) -> None:
    first, second, third, fourth = (job(f"{n}") for n in range(4))
    for each in (first, second, third, fourth):
        database.call_sync(jobs.save_job, each)
    database.call_sync(jobs.save_job, replace(first, status=JobStatus.SUBMITTING))
    ids = [each.id for each in database.call_sync(jobs.load_jobs)]
    assert ids == [first.id, second.id, third.id, fourth.id]
    database.call_sync(jobs.order_jobs, [fourth.id, second.id])
    ids = [each.id for each in database.call_sync(jobs.load_jobs)]
    assert ids == [first.id, fourth.id, third.id, second.id]


def test_the_ledger_adds_up_by_day_and_model(database: Database) -> None:
    noon = time.mktime((2026, 11, 24, 12, 0, 0, 0, 0, -1))
    for used in (usage_log.Used(1, 10, 20), usage_log.Used(1, refusals=1)):
        database.call_sync(usage_log.record, "https://h", "a/m", used, now=noon)
    database.call_sync(
        usage_log.record, "https://h", "a/p", usage_log.Used(1, pictures=1), now=noon
    )
    database.call_sync(usage_log.record, "https://h", "a/m", usage_log.Used(1), now=noon + 86400)
    lines = database.call_sync(usage_log.list_days, since="2026-11-24")
    assert lines == [
        usage_log.UsageRow("2026-11-25", "https://h", "a/m", usage_log.Used(1)),
        usage_log.UsageRow("2026-11-24", "https://h", "a/m", usage_log.Used(2, 10, 20, 0, 1)),
        usage_log.UsageRow("2026-11-24", "https://h", "a/p", usage_log.Used(1, 0, 0, 1, 0)),
    ]
    assert len(database.call_sync(usage_log.list_days, since="2026-11-25")) == 1


def test_drafts_survive_and_are_forgotten(database: Database) -> None:
    draft = {"text": "half a 句 \ud83d", "pictures": ["ab"]}
    database.call_sync(key_value.save_draft, "chat", {"text": "older"})
    database.call_sync(key_value.save_draft, "chat", draft)
    database.call_sync(key_value.save_draft, "vision", {"text": "other"})
    found = database.call_sync(key_value.load_drafts)
    assert found["chat"]["text"].startswith("half a 句")
    assert found["chat"]["pictures"] == ["ab"]
    database.call_sync(key_value.save_draft, "chat", None)
    assert set(database.call_sync(key_value.load_drafts)) == {"vision"}


def test_the_catalogue_is_kept_with_its_time(database: Database) -> None:
    assert database.call_sync(key_value.load_catalogue, "models") is None
    database.call_sync(key_value.save_catalogue, "models", [{"id": "a"}], now=1.0)
    database.call_sync(key_value.save_catalogue, "models", [{"id": "b"}], now=2.5)
    assert database.call_sync(key_value.load_catalogue, "models") == ([{"id": "b"}], 2.5)
