"""Instants as Jira writes them: with the offset of somebody's zone, or in UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=100_000)
def _offset(zone: str, day: int) -> int:
    """Minutes east of UTC on that day. On the two days of a clock change noon's offset is taken: still the same instant."""
    moment = _EPOCH + timedelta(days=day, hours=12)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


@lru_cache(maxsize=20_000)
def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).date().isoformat()


@lru_cache(maxsize=200)
def _suffix(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:02d}{rest:02d}"


def local(at: int, zone: str) -> str:
    """2025-03-09T10:31:00.123+0530"""
    minutes = _offset(zone, at // _DAY)
    return _clock(at + minutes * 60_000) + _suffix(minutes)


def local_colon(at: int, zone: str) -> str:
    """2025-03-09T10:31:00.123+05:30, as Data Center writes sprint dates."""
    text = local(at, zone)
    return f"{text[:-2]}:{text[-2:]}"


def utc(at: int) -> str:
    """2025-03-09T05:01:00.123Z"""
    return _clock(at) + "Z"


def short(at: int, zone: str) -> str:
    """09/Mar/25 10:31 AM, as the sprint report writes dates."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.astimezone(ZoneInfo(zone)).strftime("%d/%b/%y %-I:%M %p")


def _clock(at: int) -> str:
    day, rest = divmod(at, _DAY)
    seconds, millis = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_date(day)}T{hour:02d}:{minute:02d}:{second:02d}.{millis:03d}"
