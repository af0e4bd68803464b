"""The hub's routes: credits, kinds of a model, and who serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.demo import catalogue
from studio.demo.bodies import Json
from studio.demo.call import Call
from studio.demo.refusals import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MAGIC_GRAINS_A_CREDIT = 1


async def balance(request: Request) -> Response:
    """`GET /openapi/v1/magicubes/balance`: costs nothing and tells a good token from a bad one."""
    call = Call.of(request)
    account = call.account()
    if call.fate("no_balance_data") is not None:
        return Json({"success": True})
    left = account.balance
    data = {"total_balance": left, "available_balance": left, "frozen_amount": 0}
    return Json({"success": True, "data": data, "request_id": call.request_id})


async def model(request: Request) -> Response:
    """`GET /api/v1/models/{org}/{name}`: what kinds of work a model does."""
    call = Call.of(request)
    id = f"{request.path_params['org']}/{request.path_params['name']}"
    found = catalogue.models().get(id)
    if found is None:
        raise Refusal(404, "record not found")
    path, _, name = id.partition("/")
    data = {"Path": path, "Name": name, "Tasks": [{"Name": task} for task in found.tasks]}
    return Json({"Code": 200, "Data": data, "RequestId": call.request_id, "Success": True})


async def providers(request: Request) -> Response:
    """`GET /api/v1/inference/list_model_providers?ModelId=…`: null when nobody serves it."""
    call = Call.of(request)
    found = catalogue.models().get(request.query_params.get("ModelId", ""))
    rows = None
    if found is not None and found.served:
        rows = [
            {
                "Name": name,
                "EstimatedMagicGrainCost": found.cost * MAGIC_GRAINS_A_CREDIT,
                "CostTier": found.tier,
            }
            for name in catalogue.PROVIDERS
        ]
    return Json(
        {
            "Code": 200,
            "Data": {"Providers": rows},
            "RequestId": call.request_id,
            "Success": True,
        }
    )
