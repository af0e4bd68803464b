"""What a refusal says of a request's parameters: which it does not know, which value it refuses.

Only a parameter that is *unknown* or *unsupported* may be left out: with a value that is refused
left out, another picture than the one that was wanted would be ordered and paid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Names = Mapping[str, re.Pattern[str]]
# What a refusal may call each parameter that can be left out.
_NAMES: Names = {
    "negative_prompt": re.compile(r"negative.?prompt|反向提示|负面提示|负向提示", re.IGNORECASE),
    "size": re.compile(
        r"(?<!file )(?<!input )\bsizes?\b|\b(width|height|resolution|dimensions?)s?\b"
        r"|尺寸|宽度?|高度?|分辨率",
        re.IGNORECASE,
    ),
    "seed": re.compile(r"\bseeds?\b|种子", re.IGNORECASE),
    "steps": re.compile(r"(?<![a-z])(num_)?(inference_)?steps?\b|步数", re.IGNORECASE),
    "guidance": re.compile(r"\bguidance|\bcfg|引导", re.IGNORECASE),
}
_UNKNOWN = re.compile(
    r"\bunknown|\bunrecogni[sz]ed|\bunexpected|\bunsupported|\bundefined"
    r"|(\bnot|n.t|\bno longer) (\w+ ){0,2}?(support(ed)?|allow(ed)?|permit(ted)?|recogni[sz]ed?"
    r"|accept(ed)?|take|have|know|defined|a valid (parameter|field|argument|option))"
    r"|\bno (parameter|argument|field|option)\b|\bextra (inputs?|fields?|parameters?|arguments?)"
    r"|\binvalid (parameter|argument|field)s? names?"
    r"|不支持|未知|无法识别|不识别|不接受|不允许|没有.{0,4}参数|多余",
    re.IGNORECASE,
)
# The same for the parameters of an answer that have a range.
_OF_ANSWERS: Names = {
    "temperature": re.compile(r"\btemperature\b|温度", re.IGNORECASE),
    "top_p": re.compile(r"\btop[ _-]?p\b|nucleus|核采样", re.IGNORECASE),
    "max_tokens": re.compile(
        r"\bmax(imum)?[ _-]?((completion|output|new|generated)[ _-]?)?(tokens?|length)\b"
        r"|最大(输出|生成|回复)|(输出|生成|回复).{0,4}长度",
        re.IGNORECASE,
    ),
}
# A refusal with one of these is about a value, whatever else it says.
_VALUE = re.compile(
    r"divisible|multiples? of|\bbetween\b|\brange\b|out of|at (least|most)|\bless\b|greater|larger"
    r"|smaller|higher|lower|exceed|\btoo (large|small|big|high|low|long|short|many|few)|maximum"
    r"|minimum|\bmax\b|\bmin\b|\bmust\b|\bshould\b|\bexpected?\b|one of|\bvalues?\b|\bonly\b"
    r"|\blimit"
    r"|(available|allowed|supported|valid|following) (sizes?|resolutions?|dimensions?)"
    r"|倍数|整除|范围|超出|超过|大于|小于|不能|必须|应当|应为|最大|最小|至少|至多|过大|过小|取值|只支持|仅支持",
    re.IGNORECASE,
)
_INVALID = re.compile(
    r"invalid|illegal|incorrect|\bwrong|\bbad\b|malformed|not valid|无效|非法|不合法|不正确|有误"
    r"|cannot both|not both|mutually exclusive|不能同时",
    re.IGNORECASE,
)
# Nobody sends a width: who names one, or an unsupported size, has looked at the value.
_SIZE_VALUE = re.compile(
    r"\b(width|height|resolution|dimension)|(unsupported|(this|the|that|given|requested|image|output|picture))"
    r" (image |output |picture )?(size|resolution)|宽|高|分辨率|该尺寸|此尺寸",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[;\n。；!！]|\.(?=\s|$)")


def refused_of_answer(said: str, sent: dict[str, Any]) -> tuple[str, ...]:
    """The parameters of a question, by their names in `Parameters`, whose value is refused."""
    return refused_values(said, sent, _OF_ANSWERS)


def refused_values(said: str, body: dict[str, Any], names: Names = _NAMES) -> tuple[str, ...]:
    """The parameters sent whose value a refusal names as wrong; the user has to mend them."""
    found: list[str] = []
    for clause in _CLAUSES.split(said):
        named = [name for name in _named(clause, names) if name in body]
        found += [name for name in named if _is_of_value(clause, name, body)]
    return tuple(dict.fromkeys(found))


def unknown_parameters(said: str, body: dict[str, Any]) -> tuple[str, ...]:
    """The parameters sent that a refusal does not know; none where it refuses a value as well."""
    if refused_values(said, body):
        return ()
    found = {
        name
        for clause in _CLAUSES.split(said)
        if _UNKNOWN.search(clause)
        for name in _named(clause)
    }
    return tuple(name for name in _NAMES if name in found and name in body)


def _named(clause: str, names: Names = _NAMES) -> list[str]:
    return [name for name, words in names.items() if words.search(clause)]


def _is_of_value(clause: str, name: str, body: dict[str, Any]) -> bool:
    """Whether a clause that names a parameter refuses the value that was sent for it."""
    if _VALUE.search(clause) or (name == "size" and _SIZE_VALUE.search(clause)):
        return True
    if name != "negative_prompt" and _numbers(clause) & _numbers(str(body[name])):
        return True
    return bool(_INVALID.search(clause)) and not _UNKNOWN.search(clause)


def _numbers(text: str) -> set[float]:
    return {float(each) for each in re.findall(r"\d+(?:\.\d+)?", text)}
