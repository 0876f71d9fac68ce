"""Units of durations, and what else they are called: what may be meant is asked back."""

import re
from fractions import Fraction

#: Microseconds of a unit.
UNITS = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "min": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}

# How else they are written, in small letters.
_OTHER_WORDS = {
    "w": "week weeks",
    "d": "day days",
    "h": "hr hrs hour hours",
    "min": "t mins minute minutes",
    "s": "sec secs second seconds",
    "ms": "l milli millis millisecond milliseconds",
    "us": "u µs μs micro micros microsecond microseconds",
}
_UNIT_OF_WORD = {word: unit for unit in UNITS for word in (unit, *_OTHER_WORDS[unit].split())}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)")
_BETWEEN = re.compile(r"\s|,|and")
_ISO = re.compile(r"P(?=.)([^T]*)(?:T(.+))?")
_NO_LENGTH = re.compile(r"(m|mo|mon|mth|month|me|q|quarter|y|yr|year)s?", re.IGNORECASE)
_DAYS = {"m": 30, "q": 91, "y": 365}


def did_you_mean(duration: object) -> str:
    """Ask back what is no duration but looks like one.

    Parameters
    ----------
    duration : object

    Returns
    -------
    question : str
        Empty where nothing comes to mind.

    Examples
    --------
    >>> from sktemporal.sequences import did_you_mean
    >>> did_you_mean("7 days"), did_you_mean("P1DT12H")
    ("did you mean '7d'?", "did you mean '1d12h'?")
    """
    text = getattr(duration, "freqstr", duration)  # of an offset of pandas
    if type(text) is int and text > 0:
        return f"did you mean '{text}d'?"
    if not isinstance(text, str):
        return ""
    text = text.strip()
    if re.fullmatch(r"[1-9]\d*", text, re.ASCII):
        return f"did you mean '{text}d', or the int {text} for events?"
    of_iso = _ISO.fullmatch(text)
    date, clock = of_iso.groups("") if of_iso else (text, "")
    if of_iso:  # the only place where M is surely a minute
        clock = clock.replace("M", "min")
    parts = [
        (Fraction(number.replace(",", ".")), word) for number, word in _PART.findall(date + clock)
    ]
    if _BETWEEN.sub("", _PART.sub("", date + clock)) or not parts:
        return ""
    return _without_length(parts, of_iso) or _with_length(parts)


def _without_length(parts, of_iso):
    """Ask back the first of the parts that has no length of its own; nothing where all have."""
    for number, word in parts:
        if word.lower() not in _UNIT_OF_WORD and _NO_LENGTH.fullmatch(word):
            days = f"'{int(number * _DAYS[word[0].lower()])}d'"
            minutes = f"'{number}min' or " if word in ("m", "M") and not of_iso else ""
            return f"months and years differ in length: did you mean {minutes}{days}?"
    return ""


def _with_length(parts):
    units = [_UNIT_OF_WORD.get(word.lower()) for _, word in parts]
    if None in units:
        return ""
    total = sum(number * UNITS[unit] for (number, _), unit in zip(parts, units, strict=True))
    if not 0 < total < 2**63 or total.denominator != 1:  # as numpy keeps them
        return ""
    if all(number.denominator == 1 for number, _ in parts):
        written = "".join(f"{n}{unit}" for (n, _), unit in zip(parts, units, strict=True))
    else:
        written, rest = "", int(total)
        for unit, length in UNITS.items():
            if unit != "w" and rest >= length:
                written += f"{rest // length}{unit}"
                rest %= length
    return f"did you mean '{written}'?"
