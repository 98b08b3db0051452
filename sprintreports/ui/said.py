"""What a form's answer says on the page that it goes back to: a code in the address, and here the sentence.

Only sentences of ours are shown: whoever makes up a link to one of our pages cannot put words of theirs into it.
"""

from collections.abc import Mapping

from sprintreports.identity import first_run, invitations, passwords, proof, users
from sprintreports.identity.second_factor import SENTENCES, Verdict
from sprintreports.kit.errors import SprintReportsError
from sprintreports.ui.links import number

OTHER = "other"
LINK_OVER = "link"
NOT_THE_SAME = "The two new passwords are not the same. Type them once more."
_WAIT = "wait"
_HIGHEST_WAIT = 86_400
_SAID = {
    "same": NOT_THE_SAME,
    "password": proof.WRONG_PASSWORD,
    "proof": proof.ProofNeeded().message,
    "code": SENTENCES[Verdict.WRONG],
    "factor": SENTENCES[Verdict.NEEDED],
    "short": passwords.SHORT,
    "long": passwords.LONG,
    "easy": passwords.EASY,
    "stolen": passwords.STOLEN,
    LINK_OVER: invitations.LinkOver().message,
    "setup-code": first_run.SetupCodeWrong().message,
    "set-up": users.AlreadySetUp().message,
    "address": users.NO_ADDRESS,
    "name": users.NO_NAME,
    OTHER: "That was not accepted. Look at what you typed, and try again.",
}
_CODES = {sentence: code for code, sentence in _SAID.items()}


def code_of(message: str, *, wait: int = 0) -> dict[str, str]:
    """The parameters of an address that say this sentence. `wait`: seconds, where there were too many tries."""
    if wait:
        return {"problem": _WAIT, "seconds": str(wait)}
    return {"problem": _CODES.get(message, OTHER)}


def code_of_error(error: SprintReportsError) -> dict[str, str]:
    """The parameters for an error: its own sentence, else those of its details."""
    if error.message in _CODES:
        return code_of(error.message)
    codes = dict.fromkeys(_CODES.get(detail.message, OTHER) for detail in error.details)
    return {"problem": ".".join(codes) or OTHER}


def sentence(parameters: Mapping[str, str]) -> str:
    """What the address says went wrong; empty where it says nothing that we ever say."""
    problem = parameters.get("problem", "")
    if problem == _WAIT:
        seconds = number(parameters.get("seconds"), default=1, lowest=1, highest=_HIGHEST_WAIT)
        return (
            f"Too many failed tries. Wait {seconds} {'second' if seconds == 1 else 'seconds'} and try again."
        )
    return " ".join(_SAID[code] for code in dict.fromkeys(problem.split(".")) if code in _SAID)
