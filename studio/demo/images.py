"""The picture door: submit, poll, fetch; and the same at once without a task."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from studio.demo import catalogue, painter, picture_facts
from studio.demo.bodies import Json
from studio.demo.call import Call
from studio.demo.refusals import Refusal, bad_parameter
from studio.demo.scenarios import Fate

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from studio.demo.box import Box
    from studio.demo.catalogue import Model
    from studio.demo.tasks import Task

PROMPT_LIMIT = 2000
MOST_LORAS = 6
DEFAULT_SIDE = 1024
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


async def generate(request: Request) -> ASGIApp:
    """`POST /v1/images/generations`: a task with the asynchronous header, else the picture."""
    call = Call.of(request)
    account = call.account()
    body = call.json()
    model = catalogue.served(body.get("model"), draws=True)
    check(model, body)
    for url in inputs_of(body):
        raw = await _input(call.box, url)
        await asyncio.to_thread(picture_facts.opened, raw)
    account.pay(model.cost)
    fate = call.chosen.text if call.chosen and isinstance(call.chosen.scenario.effect, Fate) else ""
    task = call.box.tasks.accept({**body, "model": model.id}, fate)
    with account.busy():
        if (seconds := call.fate("slow_submit")) is not None:
            await call.connection.wait_gone(float(seconds or 5))
        if call.fate("submit_lost") is not None:
            raise Refusal(504, "Gateway time-out")
        asks_task = call.headers.get("x-modelscope-async-mode", "").lower() == "true"
        if asks_task and call.fate("answer_at_once") is None:
            return Json({"task_id": task.id, "request_id": call.request_id})
        if await call.connection.wait_gone(task.seconds_left(time.time())):
            return Response(status_code=204)
    return await _at_once(call, task)


async def poll(request: Request) -> ASGIApp:
    """`GET /v1/tasks/{id}`."""
    call = Call.of(request)
    call.account()
    if call.headers.get("x-modelscope-task-type") != "image_generation":
        raise Refusal(400, "X-ModelScope-Task-Type is missing or unknown")
    task = call.box.tasks.find(request.path_params["id"])
    if task is None or task.fate.startswith("task_lost"):
        raise Refusal(404, f"task {request.path_params['id']} not found")
    name, _, argument = task.fate.partition(":")
    status = task.status(time.time())
    if name == "task_endless" and status == "SUCCEED":
        status = "RUNNING"
    if name == "task_unknown_word" and status != "SUCCEED":
        status = argument or "WARMING_UP"
    answer: dict[str, Any] = {"task_id": task.id, "request_id": call.request_id}
    if name == "task_failed" and status == "SUCCEED":
        status = "FAILED"
        text = argument or "The picture was refused by the content filter."
        answer["errors"] = {"message": text, "code": 500}
    answer["task_status"] = status
    if status == "SUCCEED":
        answer["output_images"] = [] if name == "task_empty" else [url_of(call.box, task)]
    return Json(answer)


async def fetch(request: Request) -> ASGIApp:
    """`GET /files/{id}.png`: needs no token, and should never get one."""
    call = Call.of(request)
    task = call.box.tasks.find(request.path_params["id"])
    if task is None or task.status(time.time()) != "SUCCEED":
        raise Refusal(404, "NoSuchKey")
    name, _, argument = (call.chosen.text if call.chosen else task.fate).partition(":")
    if name == "result_404":
        raise Refusal(404, "NoSuchKey")
    if name == "result_html":
        return Response("<!doctype html><p>Please sign in", media_type="text/html")
    if name == "result_redirect":
        return Response(status_code=302, headers={"location": argument})
    raw = await picture(call.box, task)
    if name == "result_truncated":
        return Response(raw[: len(raw) // 2], media_type="image/png")
    media_type = "image/jpeg" if name == "result_wrong_type" else "image/png"
    return Response(raw, media_type=media_type)


async def picture(box: Box, task: Task) -> bytes:
    """The PNG of a finished task, drawn once and kept for a while."""
    key = json.dumps(task.request, sort_keys=True)
    if key not in box.drawn:
        inputs = [await _input(box, url) for url in inputs_of(task.request)]
        wish = commission(task.request, tuple(inputs))
        async with box.painters:
            drawn = await asyncio.to_thread(painter.paint, wish)
        box.drawn[key] = drawn
        while len(box.drawn) > 16:
            box.drawn.pop(next(iter(box.drawn)))
        return drawn
    return box.drawn[key]


def url_of(box: Box, task: Task) -> str:
    return f"{box.files_origin}/files/{task.id}.png"


async def own_picture(box: Box, url: str) -> bytes | None:
    """The picture behind an address of this very box; None for any other address."""
    for origin in (box.origin, box.files_origin):
        prefix = f"{origin}/files/"
        if url.startswith(prefix):
            task = box.tasks.find(url.removeprefix(prefix).removesuffix(".png"))
            return await picture(box, task) if task is not None else None
    return None


def inputs_of(request: dict[str, Any]) -> list[str]:
    """The addresses of a checked request's input pictures."""
    given = request.get("image_url")
    return [given] if isinstance(given, str) else list(given or [])


def commission(request: dict[str, Any], inputs: tuple[bytes, ...]) -> painter.Commission:
    """What the painter is asked for by a checked request."""
    size = _SIZE.fullmatch(str(request.get("size", "")))
    return painter.Commission(
        model=str(request["model"]),
        prompt=str(request["prompt"]),
        negative_prompt=str(request.get("negative_prompt") or ""),
        width=int(size[1]) if size else DEFAULT_SIDE,
        height=int(size[2]) if size else DEFAULT_SIDE,
        seed=int(request.get("seed") or 0),
        steps=int(request.get("steps") or 30),
        guidance=float(request.get("guidance") or 4.0),
        loras=json.dumps(request.get("loras"), sort_keys=True) if request.get("loras") else "",
        inputs=inputs,
    )


async def _input(box: Box, url: str) -> bytes:
    if url.startswith("data:"):
        return picture_facts.decode_url(url)
    drawn = await own_picture(box, url)
    if drawn is None:
        raise bad_parameter("image_url", "the demo fetches no pictures from the network")
    return drawn


async def _at_once(call: Call, task: Task) -> Response:
    name, _, argument = task.fate.partition(":")
    if name == "task_failed":
        raise Refusal(500, argument or "The picture was refused by the content filter.")
    if name == "answer_at_once" and argument in ("b64", "data"):
        raw = base64.b64encode(await picture(call.box, task)).decode()
        row = {"b64_json": raw} if argument == "b64" else {"url": f"data:image/png;base64,{raw}"}
        return Json({"created": int(task.at), "data": [row]})
    return Json({"images": [{"url": url_of(call.box, task)}], "request_id": call.request_id})


def check(model: Model, body: dict[str, Any]) -> None:
    """Raise the service's refusal for a request with a value that the model does not take."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise bad_parameter("prompt", "prompt is required and must be a string")
    for name in ("prompt", "negative_prompt"):
        text = body.get(name)
        if text is not None and (not isinstance(text, str) or len(text) >= PROMPT_LIMIT):
            raise bad_parameter(name, f"{name} must be shorter than {PROMPT_LIMIT} characters")
    if "n" in body and body["n"] != 1:
        raise bad_parameter("n", "n is not supported")
    _check_size(model, body.get("size"))
    _check_number(body, "seed", 0, 2**31 - 1, whole=True)
    _check_number(body, "steps", 1, 100, whole=True)
    _check_number(body, "guidance", 1.5, 20, whole=False)
    _check_loras(body.get("loras"))
    _check_inputs(model, body.get("image_url"))


def _check_size(model: Model, size: object) -> None:
    if size is None:
        return
    found = _SIZE.fullmatch(size) if isinstance(size, str) else None
    low, high = model.sides
    if found is None or not all(low <= int(side) <= high for side in found.groups()):
        raise bad_parameter("size", f"size must be WxH with {low} to {high} pixels a side")


def _check_number(body: dict[str, Any], name: str, low: float, high: float, *, whole: bool) -> None:
    value = body.get(name)
    if value is None:
        return
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        kind = "an integer" if whole else "a number"
        raise bad_parameter(name, f"{name} must be {kind} from {low} to {high}")


def _check_loras(loras: object) -> None:
    if loras is None or (isinstance(loras, str) and loras):
        return
    if not isinstance(loras, dict) or not 1 <= len(loras) <= MOST_LORAS:
        raise bad_parameter("loras", f"loras must be one id or up to {MOST_LORAS} with weights")
    weights = list(loras.values())
    if not all(isinstance(w, int | float) and not isinstance(w, bool) for w in weights):
        raise bad_parameter("loras", "the weights of loras must be numbers")
    if not abs(sum(weights) - 1.0) <= 1e-9:  # so written, it refuses NaN as well
        raise bad_parameter("loras", "the weights of loras must sum to 1.0")


def _check_inputs(model: Model, given: object) -> None:
    inputs = [given] if isinstance(given, str) else given
    if not inputs:
        if model.edits:
            raise bad_parameter("image_url", f"{model.id} needs image_url")
        return
    if not model.edits:
        raise bad_parameter("image_url", f"{model.id} does not take image_url")
    if not isinstance(inputs, list) or not all(isinstance(url, str) for url in inputs):
        raise bad_parameter("image_url", "image_url must be a string or a list of strings")
