"""Undoes the filters of a PNG's lines (PNG specification, third edition, 9). See model/kernels/__init__.py."""

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import Bytes2, OutBytes2, i4, i8, int32


@cython.ccall
def undo_filters(filtered: Bytes2, n_bytes: i8, lines: OutBytes2) -> bool:
    """Bytes of the pixels from filtered lines.

    Args:
        filtered: (H, 1 + W * n_bytes), each line after the number of its filter.
        n_bytes: of a pixel, at most 8.
        lines: (H, W * n_bytes), filled.

    Returns:
        False where a line names a filter that there is not.
    """
    with cython.nogil:
        for y in range(lines.shape[0]):
            kind = filtered[y, 0]
            if kind == 0 or (kind == 2 and y == 0):
                _copy(filtered, y, lines)
            elif kind == 1 or (kind == 4 and y == 0):  # without a line above, Paeth's filter predicts the pixel before
                _add_before(filtered, y, n_bytes, lines)
            elif kind == 2:
                _add_above(filtered, y, lines)
            elif kind == 3:
                _add_mean(filtered, y, n_bytes, lines)
            elif kind == 4 and n_bytes == 3:
                _add_paeth_of_three(filtered, y, lines)
            elif kind == 4 and n_bytes == 4:  # a number that the compiler knows: a quarter less time
                _add_paeth(filtered, y, 4, lines)
            elif kind == 4:
                _add_paeth(filtered, y, n_bytes, lines)
            else:
                return False
    return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _copy(filtered: Bytes2, y: i8, lines: OutBytes2) -> cython.void:
    for x in range(lines.shape[1]):
        lines[y, x] = filtered[y, 1 + x]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_before(filtered: Bytes2, y: i8, n_bytes: i8, lines: OutBytes2) -> cython.void:
    for x in range(n_bytes):
        lines[y, x] = filtered[y, 1 + x]
    for x in range(n_bytes, lines.shape[1]):
        lines[y, x] = (int32(filtered[y, 1 + x]) + int32(lines[y, x - n_bytes])) & 255


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_above(filtered: Bytes2, y: i8, lines: OutBytes2) -> cython.void:
    for x in range(lines.shape[1]):
        lines[y, x] = (int32(filtered[y, 1 + x]) + int32(lines[y - 1, x])) & 255


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_mean(filtered: Bytes2, y: i8, n_bytes: i8, lines: OutBytes2) -> cython.void:
    for x in range(lines.shape[1]):
        before = int32(lines[y, x - n_bytes]) if x >= n_bytes else int32(0)
        above = int32(lines[y - 1, x]) if y > 0 else int32(0)
        lines[y, x] = (int32(filtered[y, 1 + x]) + (before + above) // 2) & 255


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_paeth(filtered: Bytes2, y: i8, n_bytes: i8, lines: OutBytes2) -> cython.void:
    before = cython.declare(cython.int[8])
    corner = cython.declare(cython.int[8])
    for channel in range(n_bytes):
        before[channel], corner[channel] = 0, 0
    for i in range(lines.shape[1] // n_bytes):
        for channel in range(n_bytes):
            x = i * n_bytes + channel
            above = int32(lines[y - 1, x])
            before[channel] = (int32(filtered[y, 1 + x]) + _predict(before[channel], above, corner[channel])) & 255
            corner[channel] = above
            lines[y, x] = before[channel]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _add_paeth_of_three(filtered: Bytes2, y: i8, lines: OutBytes2) -> cython.void:
    """Three channels side by side: each pixel has to wait for the one before."""
    red, green, blue = int32(0), int32(0), int32(0)
    red_corner, green_corner, blue_corner = int32(0), int32(0), int32(0)
    for x in range(0, lines.shape[1], 3):
        above_red, above_green, above_blue = int32(lines[y - 1, x]), int32(lines[y - 1, x + 1]), int32(lines[y - 1, x + 2])
        red = (int32(filtered[y, 1 + x]) + _predict(red, above_red, red_corner)) & 255
        green = (int32(filtered[y, 2 + x]) + _predict(green, above_green, green_corner)) & 255
        blue = (int32(filtered[y, 3 + x]) + _predict(blue, above_blue, blue_corner)) & 255
        red_corner, green_corner, blue_corner = above_red, above_green, above_blue
        lines[y, x] = red
        lines[y, x + 1] = green
        lines[y, x + 2] = blue


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _predict(before: i4, above: i4, corner: i4) -> i4:
    """Paeth's choice: the neighbour that is nearest to before + above - corner."""
    from_before, from_above = abs(above - corner), abs(before - corner)
    from_corner = abs(before + above - 2 * corner)
    nearer = before if from_before <= from_above else above
    return nearer if min(from_before, from_above) <= from_corner else corner
