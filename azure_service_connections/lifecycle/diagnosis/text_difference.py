"""How a text differs from the one that it has to be, in the ways that nobody sees at a glance."""

from typing import Final

_SLASH: Final = "/"


def hardly_seen(found: str, wanted: str) -> str:
    """What is wrong with a text that looks like the wanted one; empty where it is another one altogether.

    `has a slash at its end too many`, `differs in upper and lower case at character 5 ('D' where 'd'
    belongs)`. Characters are counted from 1.
    """
    if found == wanted:
        return ""
    told = []
    if found != found.strip():
        told.append("has blanks around it")
    bare, goal = found.strip(), wanted.strip()
    if "".join(bare.split()) == "".join(goal.split()) and bare != goal:
        told.append("has a blank where none belongs" if len(bare) > len(goal) else "lacks a blank")
        bare = goal
    if bare.rstrip(_SLASH).casefold() == goal.rstrip(_SLASH).casefold():
        if bare.endswith(_SLASH) and not goal.endswith(_SLASH):
            told.append("has a slash at its end too many")
        elif goal.endswith(_SLASH) and not bare.endswith(_SLASH):
            told.append("lacks the slash at its end")
        bare, goal = bare.rstrip(_SLASH), goal.rstrip(_SLASH)
    if bare != goal and bare.casefold() == goal.casefold():
        at = next(
            (n for n, (one, other) in enumerate(zip(bare, goal, strict=False)) if one != other), len(goal)
        )
        told.append(
            f"differs in upper and lower case at character {at + 1} ('{bare[at : at + 1]}' where "
            f"'{goal[at : at + 1]}' belongs)"
        )
        bare = goal
    return " and ".join(told) if bare == goal else ""


def only_case(found: str, wanted: str) -> bool:
    """Whether upper and lower case are all that differs, which Entra ID has a code of its own for."""
    return found != wanted and found.casefold() == wanted.casefold()
