"""Faults of picture tasks; what each means is done by the picture routes."""

from __future__ import annotations

from studio.demo.scenarios.kinds import Fate, Scenario

_FATES = {
    "task_failed": "The task ends as FAILED; the argument is the message.",
    "task_unknown_word": "While it runs, the status is a word that nobody knows (the argument).",
    "task_endless": "The task never ends.",
    "task_lost": "Polling answers 404: the service has forgotten the task.",
    "task_empty": "The task succeeds with an empty list of pictures.",
    "slow_submit": "The task is taken at once, but the answer comes after N seconds (5).",
    "submit_lost": "The task is taken, but the answer is a 504.",
    "answer_at_once": "The picture comes instead of a task; argument b64 or data: as content.",
    "result_404": "The picture's address answers 404.",
    "result_html": "The picture's address answers with a web page.",
    "result_redirect": "The picture's address answers 302 to the argument.",
    "result_truncated": "Half of the picture's bytes, as if they were all.",
    "result_wrong_type": "A PNG called image/jpeg.",
}


def _doors(name: str) -> frozenset[str]:
    # A result's fate may also be named for the download alone.
    return frozenset({"images", "files"} if name.startswith("result_") else {"images"})


TABLE = {name: Scenario(name, doc, _doors(name), Fate()) for name, doc in _FATES.items()}
