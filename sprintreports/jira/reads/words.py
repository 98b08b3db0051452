"""What people type, made safe to search for."""


def pattern(search: str | None) -> str | None:
    """An ILIKE pattern that finds the text anywhere; % and _ mean themselves. None for nothing to search."""
    wanted = (search or "").replace("\0", "").strip()
    if not wanted:
        return None
    for sign in ("\\", "%", "_"):
        wanted = wanted.replace(sign, f"\\{sign}")
    return f"%{wanted}%"
