"""What the pictures of the demo shop are drawn with: a canvas, shapes, and things that several pictures have."""

import math
import struct
import zlib

WIDTH, HEIGHT = 800, 600
ROWS = 4  # Lines sampled per row of pixels; across, coverage is exact.


def rgb(text):
    return tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))


def mix(a, b, t):
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b))


class Chance:
    """Numbers that look random and are the same in every run."""

    def __init__(self, seed):
        self.state = seed

    def between(self, low, high):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return low + (high - low) * (self.state >> 33) / 2**31


class Picture:
    def __init__(self, top, bottom):
        self.rows = []
        for y in range(HEIGHT):
            color = mix(rgb(top), rgb(bottom), y / HEIGHT)
            self.rows.append(bytearray(bytes(color) * WIDTH))

    def fill(self, points, color, alpha=1.0):
        """Fills a polygon, even-odd. `color`: "#rrggbb", or two of them from top to bottom."""
        first, last = (rgb(color), rgb(color)) if isinstance(color, str) else map(rgb, color)
        top = min(y for _, y in points)
        bottom = max(y for _, y in points)
        edges = []
        for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1]):
            if y0 != y1:
                edges.append((y0, y1, x0, x1) if y0 < y1 else (y1, y0, x1, x0))
        edges.sort()
        active, following = [], 0
        for y in range(max(0, math.floor(top)), min(HEIGHT, math.ceil(bottom))):
            while following < len(edges) and edges[following][0] < y + 1:
                active.append(edges[following])
                following += 1
            active = [edge for edge in active if edge[1] > y]
            cover, low, high = {}, WIDTH, 0
            for sample in range(ROWS):
                at = y + (sample + 0.5) / ROWS
                crossings = sorted(
                    x0 + (x1 - x0) * (at - y0) / (y1 - y0) for y0, y1, x0, x1 in active if y0 <= at < y1
                )
                for left, right in zip(crossings[::2], crossings[1::2]):
                    left, right = max(0.0, left), min(float(WIDTH), right)
                    if left < right:
                        low, high = min(low, int(left)), max(high, math.ceil(right))
                        self._cover(cover, left, right)
            if low < high:
                t = (y - top) / max(bottom - top, 1)
                self._blend(self.rows[y], cover, low, high, mix(first, last, min(max(t, 0), 1)), alpha)

    @staticmethod
    def _cover(cover, left, right):
        """Adds the span to `cover`, the differences of coverage from pixel to pixel."""
        for edge, sign in ((left, 1), (right, -1)):
            pixel = int(edge)
            inside = pixel + 1 - edge
            cover[pixel] = cover.get(pixel, 0) + sign * inside
            cover[pixel + 1] = cover.get(pixel + 1, 0) + sign * (1 - inside)

    @staticmethod
    def _blend(row, cover, low, high, color, alpha):
        stops = sorted(x for x in cover if x < high)
        total = 0.0
        for x, after in zip(stops, stops[1:] + [high]):
            total += cover[x]
            share = alpha * min(total / ROWS, 1)
            if share <= 0.002:
                continue
            if share > 0.998:
                row[3 * x : 3 * after] = bytes(color) * (after - x)
                continue
            for i in range(x, min(after, WIDTH)):
                for c in range(3):
                    row[3 * i + c] += round((color[c] - row[3 * i + c]) * share)

    def png(self):
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        data, above = bytearray(), bytes(3 * WIDTH)
        for row in self.rows:
            data.append(2)  # Each row as its difference from the one above.
            data += bytes((a - b) & 255 for a, b in zip(row, above))
            above = row
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(bytes(data), 9))
            + chunk(b"IEND", b"")
        )


# -- Shapes: lists of points --


def ellipse(cx, cy, rx, ry, count=72):
    turns = (2 * math.pi * i / count for i in range(count))
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in turns]


def rounded(x, y, w, h, r):
    points = []
    for cx, cy, start in (
        (x + w - r, y + r, -90),
        (x + w - r, y + h - r, 0),
        (x + r, y + h - r, 90),
        (x + r, y + r, 180),
    ):
        for i in range(9):
            a = math.radians(start + 90 * i / 8)
            points.append((cx + r * math.cos(a), cy + r * math.sin(a)))
    return points


def spline(points, steps=12, closed=False):
    """A smooth line through the points (Catmull-Rom)."""
    n = len(points)
    at = (lambda i: points[i % n]) if closed else (lambda i: points[min(max(i, 0), n - 1)])
    line = []
    for i in range(n if closed else n - 1):
        p0, p1, p2, p3 = at(i - 1), at(i), at(i + 1), at(i + 2)
        for s in range(steps):
            t = s / steps
            line.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(p0, p1, p2, p3)
                )
            )
    return line if closed else line + [points[-1]]


def stroke(line, width, end_width=None):
    """The outline of a line that is `width` thick, or tapers."""
    end_width = width if end_width is None else end_width
    left, right = [], []
    for i, (x, y) in enumerate(line):
        x0, y0 = line[max(i - 1, 0)]
        x1, y1 = line[min(i + 1, len(line) - 1)]
        length = math.hypot(x1 - x0, y1 - y0) or 1
        half = (width + (end_width - width) * i / max(len(line) - 1, 1)) / 2
        nx, ny = -(y1 - y0) / length * half, (x1 - x0) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def turned(points, angle, cx, cy):
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return [(cx + (x - cx) * c - (y - cy) * s, cy + (x - cx) * s + (y - cy) * c) for x, y in points]


# -- Things that several pictures have --


def table(picture, y, top, bottom, line="#000000"):
    picture.fill([(0, y), (WIDTH, y), (WIDTH, HEIGHT), (0, HEIGHT)], (top, bottom))
    picture.fill([(0, y), (WIDTH, y), (WIDTH, y + 3), (0, y + 3)], line, 0.12)


def shadow(picture, cx, cy, rx, ry, strength=0.05):
    for i in range(8):
        picture.fill(ellipse(cx, cy, rx * (1.12 - 0.06 * i), ry * (1.12 - 0.06 * i)), "#2b1d10", strength)


def vessel(picture, cx, profile, light, dark, bands=22):
    """A body of revolution: `profile` is (y, radius) from top to bottom; light from the left."""
    profile = spline(profile, 10)
    for i in range(bands):
        u = -1 + 2 * i / bands
        lit = 0.5 + 0.5 * math.cos((u + 0.38) * 2.2)
        left = [(cx + u * r, y) for y, r in profile]
        right = [(cx + r, y) for y, r in profile]
        color = "#%02x%02x%02x" % mix(rgb(dark), rgb(light), lit)
        picture.fill(left + right[::-1], color)


def speckles(picture, chance, cx, cy, rx, ry, count, color, alpha=0.5):
    for _ in range(count):
        a, d = chance.between(0, 2 * math.pi), math.sqrt(chance.between(0, 1))
        size = chance.between(0.7, 2.2)
        picture.fill(ellipse(cx + rx * d * math.cos(a), cy + ry * d * math.sin(a), size, size * 0.8, 8), color, alpha)


def steam(picture, x, y, height):
    for shift, sway in ((-26, 16), (4, -18), (32, 14)):
        line = spline(
            [
                (x + shift, y),
                (x + shift + sway, y - height * 0.35),
                (x + shift - sway, y - height * 0.7),
                (x + shift + sway * 0.6, y - height),
            ],
            16,
        )
        for width, alpha in ((14, 0.14), (8, 0.16), (3, 0.18)):
            picture.fill(stroke(line, width, 1), "#ffffff", alpha)


def grain(picture, chance, x, y, w, h, color, count, alpha=0.25):
    for i in range(count):
        at = y + h * (i + 0.5) / count + chance.between(-2, 2)
        bend = chance.between(-5, 5)
        line = spline([(x, at), (x + w * 0.35, at + bend), (x + w * 0.7, at - bend), (x + w, at + bend * 0.4)], 12)
        picture.fill(stroke(line, chance.between(0.8, 2.2)), color, alpha)
