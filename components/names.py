"""Names of children that no two children can share."""


def child_name(*parts: str) -> str:
    """The name of a child: the name of its component and the keys under which it stands.

    `payments` and `deploy` give `payments/deploy`. A slash inside a part is written `~1` and a tilde `~0`,
    as in a JSON pointer, so different parts never give the same name: connection `a` with the key `b-role-c`
    and connection `a-role-b` with the key `c` stay apart, and so do `a/b` with `c` and `a` with `b/c`.
    """
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)
