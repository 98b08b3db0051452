"""What people choose when they are asked for twelve characters: refused, however it is decorated."""

import re
from itertools import pairwise

# Words that a password may not consist of, however often repeated, and whatever digits and signs stand around.
_LIST = """
abc abcd abcdef access account admin administrator adminadmin amazing america android angel apple arsenal
asdf asdfgh asdfghjkl asdfghjklzxcvbnm august autumn babygirl bailey banana baseball basketball batman beautiful
blink butterfly buttercup changeit changeme changethis charlie chelsea chocolate company computer confidential
cookie correcthorsebatterystaple daniel december default demo diamond donald dragon eminem enter enterprise evite
example facebook family february flower football forever freedom friday friend friends fuckyou gfhjkm ginger
google guest hallo hannah harley hello helloworld hockey iloveu iloveyou iloveyousomuch internet january
jennifer jessica jesus jira jordan joshua july june justin killer kitty letmein letmeinnow liverpool login
london lovely loveme lovers manager march master matthew merlin michael michelle mickey microsoft mississippi
monday money monkey monster mustang mynoob mypassword naruto nicole ninja nothing november october office
onceuponatime oracle pass passcode passphrase passwd password passwort peanut pepper pokemon power princess
private qazwsx qazwsxedc qazwsxedcrfv qwer qwert qwerty qwertyui qwertyuiop qwertyuiopasdfghjkl qwertz ranger
robert root saturday secret secure security sekret september server service shadow slipknot snoopy soccer
softball someone spiderman spring sprint sprintreports starwars summer sunday sunshine super superadmin
superman superuser system temp temporary test tester testing testtest thisismypassword thomas thursday tigger
trustno tuesday user username wednesday welcome welcomehome whatever william winter winner wordpass yankees
zaqwsx zaq zxcv zxcvbn zxcvbnm
"""
_WORDS = frozenset(_LIST.split())
_DISTINCT = 5  # fewer different characters than this are no password
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
)
_STEPS = frozenset(pair for row in _ROWS for pair in pairwise(row)) | frozenset(
    pair for row in _ROWS for pair in pairwise(reversed(row))
)


def is_common(password: str) -> bool:
    """Whether a password is a common word in decoration, a repetition, or a walk along the keyboard."""
    lowered = password.casefold()
    return (
        len(set(lowered)) < _DISTINCT
        or _is_walk(lowered)
        or any(_is_word(form) for form in _undecorated(lowered))
    )


def _undecorated(lowered: str) -> set[str]:
    """The letters of a password, as they are, and with digits and signs read as the letters they look like."""
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", lowered)
    return {
        re.sub(r"[^a-z]", "", form)
        for form in (lowered, core, core.translate(_LEET), lowered.translate(_LEET))
    }


def _is_word(letters: str) -> bool:
    return _repeated_unit(letters) in _WORDS or _is_pair(letters)


def _is_pair(letters: str) -> bool:
    return any(letters[:cut] in _WORDS and letters[cut:] in _WORDS for cut in range(3, len(letters) - 2))


def _repeated_unit(text: str) -> str:
    at = (text + text).find(text, 1)
    return text[:at] if at > 0 else text


def _is_walk(lowered: str) -> bool:
    steps = [pair in _STEPS or pair[0] == pair[1] for pair in pairwise(lowered)]
    return sum(steps) >= 0.75 * len(steps)
