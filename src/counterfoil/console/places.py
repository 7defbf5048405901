"""Where one can go in the console."""

from dataclasses import dataclass

from counterfoil.access import Actor, may, may_for_all


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation, for whoever has the permission; `everywhere`: for every party. `key` follows `g` on
    the keyboard.
    """

    path: str
    title: str
    permission: str
    key: str
    everywhere: bool = False

    def open_to(self, actor: Actor) -> bool:
        """Whether the actor finds it in the navigation."""
        return may_for_all(actor, self.permission) if self.everywhere else may(actor, self.permission)

    def holds(self, path: str) -> bool:
        """Whether a page lies within this place; the first page of all holds only itself."""
        return path == self.path or (self.path != "/console" and path.startswith(f"{self.path}/"))
