"""The token in use: where it is kept, what the doctor finds, what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StudioError
from studio.core.settings import Settings, Site
from studio.sessions.account.account import TokenPlace, TokenState
from studio.sessions.account.doctor import CheckName, CheckState
from studio.sessions.account.keyring_access import KeyringState
from studio.storage.secrets import SecretProblem
from tests.account_parts import (
    OTHER_TOKEN,
    SITES,
    TOKEN,
    LockedKeyring,
    RefusingKeyring,
    Rig,
    ScriptedService,
    WorkingKeyring,
    endpoint,
    rig,
    settled,
    until,
)

ORIGIN = SITES[Site.CHINA].origin


async def loaded(made: Rig) -> Rig:
    """Let the account read its keyring and, with a token, ask for the balance."""
    made.account.load()
    account = made.account
    await until(account.changed, lambda: account.state is not TokenState.UNKNOWN)
    return made


async def examined(made: Rig, token: str, site: Site | None = None) -> None:
    """Let the doctor examine a token to the end."""
    made.account.check(token, site)
    await until(made.account.examined, lambda: made.account.examination.finished)


async def kept(made: Rig, token: str, *, session_only: bool = False) -> None:
    """Put a token to use."""
    done: list[bool] = []
    made.account.kept.connect(lambda: done.append(True))
    made.account.keep(token, session_only=session_only)
    await until(made.account.kept, lambda: bool(done))


def state(made: Rig) -> TokenState:
    """The state of this moment."""
    return made.account.state


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Rig]:
    """An account with a working keyring and a service that knows one token."""
    parts = rig(tmp_path)
    yield parts
    await parts.tasks.close()
    await parts.service.close()
    assert parts.script.open_hubs == 0, "a connection was left open"


async def test_without_a_kept_token_it_is_missing_and_nothing_is_asked(made: Rig) -> None:
    await loaded(made)
    assert made.account.state is TokenState.MISSING
    assert made.account.keyring.state is KeyringState.USABLE
    assert made.account.keyring.name == "Secret Service"
    assert made.script.asked == []


async def test_a_kept_token_is_read_and_its_balance_asked_for(tmp_path: Path) -> None:
    made = await loaded(rig(tmp_path, store=WorkingKeyring({ORIGIN: TOKEN})))
    await until(made.account.changed, lambda: made.account.state is TokenState.VALID)
    assert made.account.balance == Balance(250, 143.5, 0)
    assert made.account.place is TokenPlace.KEYRING
    assert made.account.shown_token == "ms-…3f9c"
    assert made.service.has_token
    assert made.script.asked == [("balance", ORIGIN, TOKEN)]
    await made.service.close()


async def test_a_revoked_token_is_told_at_the_start(tmp_path: Path) -> None:
    script = ScriptedService({})
    made = await loaded(rig(tmp_path, script, WorkingKeyring({ORIGIN: TOKEN})))
    await until(made.account.changed, lambda: made.account.state is TokenState.PROBLEM)
    assert made.account.error is not None
    assert made.account.error.kind is ErrorKind.WRONG_TOKEN
    await made.service.close()


async def test_an_unreachable_host_says_nothing_of_the_kept_token(tmp_path: Path) -> None:
    script = ScriptedService(unreachable=ErrorKind.NO_NETWORK)
    made = await loaded(rig(tmp_path, script, WorkingKeyring({ORIGIN: TOKEN})))
    await settled()
    assert made.account.state is TokenState.UNCHECKED
    assert not made.account.balance.known
    await made.service.close()


async def test_a_locked_keyring_is_waited_for_and_shown(tmp_path: Path) -> None:
    store = LockedKeyring({ORIGIN: TOKEN})
    made = rig(tmp_path, store=store)
    made.account.load()
    await until(made.account.changed, lambda: made.account.keyring.state is KeyringState.WAITING)
    store.unlock()
    await until(made.account.changed, lambda: made.account.state is TokenState.VALID)
    await made.service.close()


async def test_a_keyring_that_never_answers_is_given_up(tmp_path: Path) -> None:
    store = LockedKeyring({ORIGIN: TOKEN})
    made = await loaded(rig(tmp_path, store=store, keyring_seconds=0.05))
    assert made.account.state is TokenState.MISSING
    assert made.account.keyring.state is KeyringState.UNUSABLE
    assert made.account.keyring.sentence == "The system keyring does not answer."
    store.unlock()


async def test_a_token_entered_meanwhile_beats_the_slow_keyring(tmp_path: Path) -> None:
    store = LockedKeyring({ORIGIN: OTHER_TOKEN})
    made = rig(tmp_path, store=store)
    made.account.load()
    await until(made.account.changed, lambda: made.account.keyring.state is KeyringState.WAITING)
    await kept(made, TOKEN, session_only=True)
    store.unlock()
    await settled()
    assert made.account.shown_token == "ms-…3f9c"
    assert made.account.place is TokenPlace.SESSION
    await made.service.close()


async def test_session_only_never_touches_the_keyring_at_the_start(tmp_path: Path) -> None:
    store = WorkingKeyring({ORIGIN: TOKEN})
    settings = Settings(token_this_session_only=True)
    made = await loaded(rig(tmp_path, store=store, settings=settings))
    assert made.account.state is TokenState.MISSING
    assert made.account.keyring.state is KeyringState.UNKNOWN


def rows(made: Rig) -> dict[CheckName, CheckState]:
    """How the rows stand."""
    return {check.name: check.state for check in made.account.examination.checks}


async def test_the_doctor_tells_what_costs_nothing_and_guesses_nothing(made: Rig) -> None:
    seen: list[CheckState] = []
    account = made.account
    account.examined.connect(
        lambda: seen.append(account.examination.check(CheckName.REACHED).state)
    )
    await examined(made, TOKEN)
    assert rows(made) == {
        CheckName.REACHED: CheckState.PASSED,
        CheckName.ACCEPTED: CheckState.PASSED,
        CheckName.BOUND: CheckState.UNKNOWN,
        CheckName.VERIFIED: CheckState.UNKNOWN,
        CheckName.CREDITS: CheckState.PASSED,
    }
    assert account.examination.may_start
    assert [route for route, _, _ in made.script.asked] == ["models", "balance"]
    assert CheckState.RUNNING in seen, "the rows settle one after the other"
    assert account.examination.check(CheckName.ACCEPTED).note == "ms-…3f9c"
    assert "3f4a3f9c" not in str(account.examination), "no row holds the token"


@pytest.mark.parametrize(
    ("answer", "row", "state", "may_start"),
    [
        (ErrorKind.WRONG_TOKEN, CheckName.ACCEPTED, CheckState.FAILED, False),
        (ErrorKind.NOT_BOUND, CheckName.BOUND, CheckState.STEP_LEFT, False),
        (ErrorKind.NOT_VERIFIED, CheckName.VERIFIED, CheckState.STEP_LEFT, False),
        (ErrorKind.THROTTLED, CheckName.ACCEPTED, CheckState.STEP_LEFT, False),
        (ErrorKind.NO_CREDITS, CheckName.CREDITS, CheckState.STEP_LEFT, True),
        (Balance(250, 0, 0), CheckName.CREDITS, CheckState.STEP_LEFT, True),
    ],
)
async def test_each_refusal_has_its_row_and_its_step(
    tmp_path: Path,
    answer: Balance | ErrorKind,
    row: CheckName,
    state: CheckState,
    may_start: bool,
) -> None:
    made = rig(tmp_path, ScriptedService({TOKEN: answer}))
    await examined(made, TOKEN)
    found = made.account.examination
    check = found.check(row)
    assert check.state is state
    assert check.sentence
    assert check.action.value
    assert found.may_start is may_start
    names = list(CheckName)
    later = [found.check(name).state for name in names[names.index(row) + 1 :]]
    assert set(later) <= {CheckState.WAITING}
    assert [found.check(name).sentence for name in names if name is not row] == [""] * 4


@pytest.mark.parametrize(
    "kind",
    [
        ErrorKind.NO_NETWORK,
        ErrorKind.UNKNOWN_HOST,
        ErrorKind.NOTHING_THERE,
        ErrorKind.TIMED_OUT,
        ErrorKind.PROXY,
        ErrorKind.TLS,
        ErrorKind.TLS_OTHER_HOST,
        ErrorKind.NO_TLS,
        ErrorKind.WEB_PAGE,
        ErrorKind.REDIRECTED,
    ],
)
async def test_failures_of_the_network_are_told_apart(tmp_path: Path, kind: ErrorKind) -> None:
    made = rig(tmp_path, ScriptedService(unreachable=kind))
    await examined(made, TOKEN)
    found = made.account.examination
    reached = found.check(CheckName.REACHED)
    assert reached.state is CheckState.FAILED
    assert found.error is not None
    assert found.error.kind is kind
    assert not found.may_start
    assert [route for route, _, _ in made.script.asked] == ["models"]


def test_no_two_failures_of_the_network_have_the_same_words(tmp_path: Path) -> None:
    from studio.sessions.account.doctor import refused_at_once

    kinds = [
        kind
        for kind in ErrorKind
        if refused_at_once("host", StudioError(kind)).check(CheckName.REACHED).note
        != refused_at_once("host", StudioError(ErrorKind.BAD_ADDRESS)).check(CheckName.REACHED).note
    ]
    found = [refused_at_once("host", StudioError(kind)).check(CheckName.REACHED) for kind in kinds]
    assert len(found) >= 12
    assert len({check.note for check in found}) == len(found)
    assert len({check.sentence for check in found}) == len(found)


@pytest.mark.parametrize("kind", [ErrorKind.BUSY, ErrorKind.REFUSED, ErrorKind.NO_NETWORK])
async def test_a_silent_hub_leaves_the_token_unknown_and_the_way_open(
    tmp_path: Path, kind: ErrorKind
) -> None:
    made = rig(tmp_path, ScriptedService(hub_down=kind))
    await examined(made, TOKEN)
    found = made.account.examination
    assert found.check(CheckName.REACHED).state is CheckState.PASSED
    assert found.check(CheckName.ACCEPTED).state is CheckState.UNKNOWN
    assert found.check(CheckName.ACCEPTED).note == "not known until the first question"
    assert found.may_start
    assert not found.accepted


async def test_an_answer_without_numbers_proves_nothing(tmp_path: Path) -> None:
    made = rig(tmp_path, ScriptedService({TOKEN: Balance()}))
    await examined(made, TOKEN)
    assert made.account.examination.check(CheckName.ACCEPTED).state is CheckState.UNKNOWN


async def test_a_bad_certificate_file_is_a_row_and_no_crash(tmp_path: Path) -> None:
    made = rig(tmp_path, settings=Settings(certificate_file="/nowhere.pem"))
    await examined(made, TOKEN)
    reached = made.account.examination.check(CheckName.REACHED)
    assert reached.state is CheckState.FAILED
    assert reached.note == "certificate file"
    assert made.script.asked == []


@pytest.mark.parametrize("text", ["", "   ", "令牌令牌令牌", "x" * 10_000, '""'])
async def test_what_is_no_token_is_refused_before_anything_is_sent(made: Rig, text: str) -> None:
    with pytest.raises(StudioError) as caught:
        made.account.check(text)
    assert caught.value.kind in (ErrorKind.NO_TOKEN, ErrorKind.BAD_TOKEN_TEXT)
    assert text.strip() == "" or text not in str(caught.value)
    assert made.script.asked == []


async def test_a_token_is_cleaned_before_it_is_sent(made: Rig) -> None:
    await examined(made, f'  Authorization: Bearer "{TOKEN}"\n')
    assert {token for _, _, token in made.script.asked} == {TOKEN}


async def test_a_second_check_gives_up_the_first(made: Rig) -> None:
    made.script.hold = asyncio.Event()
    made.account.check(OTHER_TOKEN)
    await made.script.held.wait()
    made.script.hold = None
    await examined(made, TOKEN)
    assert made.account.examination.accepted
    await settled()
    asked = [(route, token) for route, _, token in made.script.asked]
    assert asked == [("models", OTHER_TOKEN), ("models", TOKEN), ("balance", TOKEN)]


async def test_checking_another_token_does_not_disturb_the_one_in_use(made: Rig) -> None:
    await examined(made, TOKEN)
    await kept(made, TOKEN)
    assert state(made) is TokenState.VALID
    made.account.check(OTHER_TOKEN)
    assert state(made) is TokenState.CHECKING
    await until(made.account.examined, lambda: made.account.examination.finished)
    assert made.account.state is TokenState.VALID
    assert made.account.shown_token == "ms-…3f9c"
    assert made.account.balance.available == 143.5


async def test_the_site_decides_where_a_token_goes(made: Rig) -> None:
    await examined(made, TOKEN, Site.INTERNATIONAL)
    assert {origin for _, origin, _ in made.script.asked} == {SITES[Site.INTERNATIONAL].origin}


async def test_keeping_reads_back_from_the_keyring_and_uses_the_token(made: Rig) -> None:
    await loaded(made)
    await kept(made, f" {TOKEN} ")
    assert made.store.read(ORIGIN) == TOKEN
    assert made.account.place is TokenPlace.KEYRING
    assert made.service.has_token
    assert not made.preferences.settings.token_this_session_only


@pytest.mark.parametrize("problem", list(SecretProblem))
async def test_a_keyring_that_refuses_offers_this_session_only(
    tmp_path: Path, problem: SecretProblem
) -> None:
    made = await loaded(rig(tmp_path, store=RefusingKeyring(problem)))
    refused = asyncio.get_running_loop().create_future()
    made.account.keep_refused.connect(lambda: refused.set_result(None))
    made.account.keep(TOKEN)
    await asyncio.wait_for(refused, 10)
    assert made.account.keyring.state is KeyringState.UNUSABLE
    assert made.account.keyring.sentence
    assert bool(made.service.has_token) is False, "a token that is not kept is not used either"
    await kept(made, TOKEN, session_only=True)
    assert made.account.place is TokenPlace.SESSION
    assert made.service.has_token
    assert made.preferences.settings.token_this_session_only


async def test_going_to_this_session_only_empties_the_keyring(made: Rig) -> None:
    await kept(made, TOKEN)
    await kept(made, "", session_only=True)
    await settled()
    assert made.store.read(ORIGIN) is None
    assert made.account.shown_token == "ms-…3f9c"


async def test_the_setting_moves_the_token_by_itself(made: Rig) -> None:
    await kept(made, TOKEN)
    made.preferences.change(token_this_session_only=True)
    await until(made.account.changed, lambda: made.account.place is TokenPlace.SESSION)
    made.preferences.change(token_this_session_only=False)
    await until(made.account.changed, lambda: made.account.place is TokenPlace.KEYRING)
    assert made.store.read(ORIGIN) == TOKEN


async def test_the_setting_goes_back_where_the_keyring_refuses(tmp_path: Path) -> None:
    made = rig(tmp_path, store=RefusingKeyring())
    await kept(made, TOKEN, session_only=True)
    made.preferences.change(token_this_session_only=False)
    await until(made.preferences.changed, lambda: made.preferences.settings.token_this_session_only)
    assert made.account.place is TokenPlace.SESSION


async def test_forgetting_removes_the_token_everywhere(made: Rig) -> None:
    await kept(made, TOKEN)
    made.account.forget()
    await settled()
    assert made.account.state is TokenState.MISSING
    assert made.store.read(ORIGIN) is None
    assert not made.service.has_token
    assert not made.account.leftover


async def test_a_keyring_that_does_not_let_go_is_told(tmp_path: Path) -> None:
    class Sticky(WorkingKeyring):
        def forget(self, origin: str) -> None:
            RefusingKeyring().forget(origin)

    made = rig(tmp_path, store=Sticky())
    await kept(made, TOKEN)
    made.account.forget()
    await until(made.account.changed, lambda: made.account.leftover)
    assert made.account.state is TokenState.MISSING


async def test_each_site_has_its_own_token(tmp_path: Path) -> None:
    other = SITES[Site.INTERNATIONAL].origin
    store = WorkingKeyring({ORIGIN: TOKEN, other: OTHER_TOKEN})
    made = await loaded(rig(tmp_path, store=store))
    made.account.switch_site(Site.INTERNATIONAL)
    assert not made.service.has_token, "a token never follows to another site"
    await until(made.account.changed, lambda: made.account.shown_token == "ms-…1111")
    assert made.account.site is Site.INTERNATIONAL
    assert made.preferences.settings.site is Site.INTERNATIONAL
    assert TOKEN not in {token for _, origin, token in made.script.asked if origin == other}
    await made.tasks.close()
    await made.service.close()


async def test_the_box_needs_no_token_and_can_be_left(tmp_path: Path) -> None:
    script = ScriptedService({"": Balance(9, 9, 0), TOKEN: Balance(250, 143.5, 0)})
    made = await loaded(rig(tmp_path, script, WorkingKeyring({ORIGIN: TOKEN})))
    await until(made.account.changed, lambda: made.account.state is TokenState.VALID)
    box = replace(endpoint("box"), needs_token=False)
    made.service.use(box, "", demo=True)
    await until(made.account.changed, lambda: made.account.balance.available == 9)
    assert bool(made.account.demo) is True
    assert made.account.shown_token == ""
    assert made.account.site is Site.CHINA
    made.account.leave_demo()
    await until(made.account.changed, lambda: made.account.balance.available == 143.5)
    assert bool(made.account.demo) is False
    assert ("balance", box.origin, TOKEN) not in script.asked
    await made.tasks.close()
    await made.service.close()


async def test_a_token_from_outside_is_used_and_kept_nowhere(made: Rig) -> None:
    made.account.adopt(f"Bearer {TOKEN}")
    await until(made.account.changed, lambda: made.account.state is TokenState.VALID)
    assert made.account.place is TokenPlace.SESSION
    assert made.store.read(ORIGIN) is None
