"""Heights of many rows: sums and searches in O(log n), so that nothing walks over all rows."""

from __future__ import annotations

from collections.abc import Iterable


class HeightIndex:
    """The heights of n rows in whole pixels, as a Fenwick tree."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self.fill(heights)

    @classmethod
    def even(cls, count: int, height: int) -> HeightIndex:
        """`count` rows of one height; costs the copying of two lists and no sums."""
        made = cls()
        made._heights = [height] * count
        made._tree = [0, *_even_tree(count, height)]
        made.total = count * height
        return made

    def fill(self, heights: Iterable[int]) -> None:
        """Take these heights instead."""
        self._heights = list(heights)
        self._tree = tree = [0, *self._heights]
        for index in range(1, len(tree)):
            parent = index + (index & -index)
            if parent < len(tree):
                tree[parent] += tree[index]
        self.total = sum(self._heights)

    def scale(self, factor: float) -> None:
        """Multiply all heights: the best guess when the text is zoomed."""
        self.fill(round(height * factor) for height in self._heights)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def set(self, index: int, height: int) -> int:
        """Change one height; return by how much it grew."""
        grown = height - self._heights[index]
        if grown:
            self._heights[index] = height
            self.total += grown
            tree, at, size = self._tree, index + 1, len(self._tree)
            while at < size:
                tree[at] += grown
                at += at & -at
        return grown

    def append(self, height: int) -> None:
        """Add a row at the end."""
        tree = self._tree
        at = len(tree)
        summed, child = height, at - 1
        stop = at - (at & -at)
        while child > stop:
            summed += tree[child]
            child -= child & -child
        tree.append(summed)
        self._heights.append(height)
        self.total += height

    def cut(self, count: int) -> None:
        """Keep the first `count` rows."""
        self.total -= sum(self._heights[count:])
        del self._heights[count:], self._tree[count + 1 :]

    def top(self, index: int) -> int:
        """Where row `index` begins: the sum of all heights before it."""
        tree, summed, at = self._tree, 0, index
        while at > 0:
            summed += tree[at]
            at -= at & -at
        return summed

    def find(self, y: int) -> int:
        """The row that covers `y`; the first or last one when `y` is outside."""
        tree, size = self._tree, len(self._tree)
        at, step = 0, 1 << (size.bit_length() - 1 if size else 0)
        while step:
            following = at + step
            if following < size and tree[following] <= y:
                at = following
                y -= tree[at]
            step >>= 1
        return max(0, min(at, size - 2))


def _even_tree(count: int, height: int) -> list[int]:
    """The tree over rows of one height: each half repeats, and its last node has it all."""
    tree = [height]
    while len(tree) < count:
        tree = [*tree, *tree[:-1], 2 * tree[-1]]
    return tree[:count] if count else []
