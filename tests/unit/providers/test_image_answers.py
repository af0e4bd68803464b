"""Words, task ids and pictures are found wherever hosts of this kind put them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from studio.providers.image_answers import (
    TaskState,
    content_of,
    state_of,
    task_id_of,
    urls_of,
    word_of,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2
ENCODED = base64.b64encode(PNG).decode()
A, B = "https://x.example/1.png", "https://x.example/2.png"


DONE = """SUCCEED SUCCEEDED SUCCESS Completed COMPLETE done Finished READY TASK_STATUS_SUCCEED
    succeeded taskSucceeded 成功 已完成"""
FAILED = """FAILED Failure ERROR CANCELED CANCELLED EXPIRED TIMEOUT TIMED_OUT timed-out TimedOut
    REJECTED Aborted TASK_STATUS_FAILED Request_Moderated canceled-by-user 失败 已取消 超时"""
RUNNING = """PENDING RUNNING PROCESSING QUEUED IN_PROGRESS WARMING_UP SUSPENDED CANCELING
    NOT_FINISHED unfinished starting TASK_STATUS_QUEUED 排队中 处理中"""
STATES = (
    (TaskState.DONE, DONE),
    (TaskState.FAILED, FAILED),
    (TaskState.RUNNING, RUNNING),
    (TaskState.UNKNOWN, "UNKNOWN Not_Found TASK_NOT_FOUND taskNotFound 任务不存在"),
)


@pytest.mark.parametrize(
    ("word", "state"), [(word, state) for state, words in STATES for word in words.split()]
)
def test_every_word_for_an_end_ends_a_task_and_every_other_goes_on(
    word: str, state: TaskState
) -> None:
    assert state_of(word) is state
    assert state_of(word.replace("_", " ")) is state


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"task_status": "RUNNING"}, "RUNNING"),
        ({"status": "success", "data": {"status": "RUNNING"}}, "RUNNING"),
        ({"output": {"task_status": "SUCCEEDED"}, "status": 200}, "SUCCEEDED"),
        ({"code": 0, "data": {"task_status": "succeed", "task_result": {}}}, "succeed"),
        ({"task": {"task_id": "t", "status": "TASK_STATUS_QUEUED"}}, "TASK_STATUS_QUEUED"),
        ([{"state": "done"}], "done"),
        ({"status": 200, "ok": True}, ""),
        ("RUNNING", ""),
        (None, ""),
    ],
)
def test_the_word_is_found(answer: Any, word: str) -> None:
    assert word_of(answer) == word


@pytest.mark.parametrize(
    ("answer", "task_id"),
    [
        ({"task_id": "t"}, "t"),
        ({"task_id": 17}, "17"),
        ({"output": {"task_id": "t", "task_status": "PENDING"}, "request_id": "r"}, "t"),
        ({"data": {"taskId": "t"}}, "t"),
        ({"id": "t", "polling_url": "https://x.example"}, "t"),
        ({"id": "t", "status": "starting"}, "t"),
        ({"id": "img-1", "data": [{"url": A}]}, ""),
        ({"task_id": ""}, ""),
        ({"task_id": None}, ""),
        ({"task_id": True}, ""),
        ({"task_id": ["t"]}, ""),
    ],
)
def test_the_task_is_found(answer: Any, task_id: str) -> None:
    assert task_id_of(answer) == task_id


@pytest.mark.parametrize(
    ("answer", "urls"),
    [
        ({"output_images": [A, B]}, (A, B)),
        ({"output_images": [A, B], "images": [{"url": A}, {"url": B}]}, (A, B)),
        ({"output": {"results": [{"url": A}, {"code": "x", "message": "no"}, {"url": B}]}}, (A, B)),
        ({"output": {"choices": [{"message": {"content": [{"image": A}, {"text": "hi"}]}}]}}, (A,)),
        ({"data": {"task_result": {"images": [{"index": 0, "url": A}]}}}, (A,)),
        ({"data": {"image_urls": [A, B]}}, (A, B)),
        ({"output": A}, (A,)),
        ({"output": [A, B]}, (A, B)),
        ({"result": {"sample": A}}, (A,)),
        ({"images": [{"image_url": {"url": A}}]}, (A,)),
        ({"choices": [{"message": {"images": [{"image_url": {"url": A}}], "content": "x"}}]}, (A,)),
        ({"images": [A, A]}, (A,)),
        ({"images": [ENCODED]}, (f"data:image/png;base64,{ENCODED}",)),
        ({"artifacts": [{"base64": ENCODED}]}, (f"data:image/png;base64,{ENCODED}",)),
        ({"data": [{"b64_json": ENCODED, "url": A}]}, (f"data:image/png;base64,{ENCODED}",)),
        ({"images": [f"DATA:IMAGE/PNG;BASE64,{ENCODED}"]}, (f"DATA:IMAGE/PNG;BASE64,{ENCODED}",)),
        ({"images": [{"url": "/generated-images/x.png"}]}, ("http://h:1/generated-images/x.png",)),
        ({"data": [{"url": "//cdn.example/x.png"}]}, ("https://cdn.example/x.png",)),
        ({"images": ["file:///etc/passwd", "javascript:x", "data:text/html,x", 7, None]}, ()),
        ({"message": A, "input": {"image_url": B}}, ()),
        ({"urls": {"get": A, "cancel": B}}, ()),
        ({"images": [[[[[[[[[[A]]]]]]]]]]}, ()),
    ],
)
def test_pictures_are_found_wherever_they_are(answer: Any, urls: tuple[str, ...]) -> None:
    assert urls_of(answer, "http://h:1") == urls


SAFE = base64.urlsafe_b64encode(PNG).decode()


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{ENCODED}",
        f"data:image/png;base64,{ENCODED.rstrip('=')}",
        f"data:image/png;base64,{ENCODED}==",
        f"data:image/png;base64,{SAFE}",
        f"data:image/png;base64,{SAFE.rstrip('=')}",
        "data:image/png;base64,"
        + "\r\n".join(ENCODED[at : at + 76] for at in range(0, len(ENCODED), 76)),
        f"data:image/png;base64, {ENCODED}\n",
        "data:image/png;base64,"
        + ENCODED.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        f"DATA:IMAGE/PNG;BASE64,{ENCODED}",
        f"data:image/png;charset=utf-8;base64,{ENCODED}",
        f"data:;base64,{ENCODED}",
        f"data:image/png;base64,data:image/png;base64,{ENCODED}",
        f"data:image/png;base64,b'{ENCODED}'",
        f'data:image/png;base64,"{ENCODED}"',
        "data:image/png," + "".join(f"%{byte:02x}" for byte in PNG),
    ],
)
def test_every_customary_form_of_a_picture_inside_an_answer_is_read(url: str) -> None:
    assert content_of(url) == PNG


@pytest.mark.parametrize("url", ["data:", "data:,", "data:image/png;base64,", "data:x;base64,A"])
def test_what_holds_nothing_is_nothing(url: str) -> None:
    assert content_of(url) is None
