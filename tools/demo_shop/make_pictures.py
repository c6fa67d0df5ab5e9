#!/usr/bin/env python3
"""Draws the pictures of the demo shop, with nothing but Python's standard library.

    tools/demo_shop/make_pictures.py [NAME ...]

Writes NAME.png beside this file; all of them without names. The same pixels every time.
"""

import math
import pathlib
import struct
import sys
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


# -- The pictures --


def cup():
    p, chance = Picture("#f6efe2", "#ecdfc8"), Chance(7)
    table(p, 415, "#d8b98e", "#b98f5f")
    shadow(p, 415, 505, 165, 26)
    vessel(p, 400, [(250, 128), (300, 127), (380, 116), (450, 92), (488, 66), (500, 62)], "#a9b98a", "#4f5f3c")
    vessel(p, 400, [(492, 64), (505, 63), (512, 60)], "#c9a27c", "#6e4e34", 14)
    speckles(p, chance, 395, 370, 100, 95, 90, "#39452a")
    p.fill(ellipse(400, 250, 128, 34), "#cfd8b4")
    p.fill(ellipse(400, 252, 119, 29), "#5d6b47")
    p.fill(ellipse(400, 262, 108, 22), "#b5752c")
    p.fill(ellipse(380, 259, 70, 11), "#d79a4c", 0.55)
    p.fill(
        spline([(290, 300), (297, 370), (322, 430), (334, 440), (312, 380), (304, 300)], closed=True), "#ffffff", 0.22
    )
    steam(p, 398, 235, 170)
    return p


def teapot():
    p, chance = Picture("#efe6d8", "#e0cfb4"), Chance(11)
    table(p, 420, "#8d6a4a", "#6b4d33")
    shadow(p, 410, 520, 230, 28, 0.06)
    handle = spline([(548, 300), (640, 270), (672, 350), (628, 425), (536, 440)], 16)
    p.fill(stroke(handle, 30, 24), "#3f4f57")
    p.fill(stroke([(x - 4, y - 5) for x, y in handle], 9, 6), "#7d929b", 0.7)
    spout = spline([(285, 420), (215, 390), (190, 320), (150, 268), (128, 258)], 14)
    p.fill(stroke(spout, 86, 30), "#54686f")
    p.fill(stroke([(x + 3, y - 12) for x, y in spout], 16, 7), "#8fa5ab", 0.6)
    p.fill(turned(ellipse(129, 258, 8, 16), 35, 129, 258), "#26333a")
    vessel(
        p,
        410,
        [(258, 92), (285, 136), (345, 175), (410, 172), (470, 132), (505, 96), (515, 92)],
        "#93aab0",
        "#33434b",
        26,
    )
    speckles(p, chance, 400, 390, 150, 95, 130, "#22303a")
    p.fill(ellipse(410, 262, 96, 24), "#2c3a41")
    vessel(p, 410, [(222, 20), (236, 62), (256, 90), (266, 94), (272, 93)], "#a5bac0", "#3d4e56", 18)
    vessel(p, 410, [(186, 14), (196, 22), (208, 20), (220, 12), (228, 16)], "#c59a5d", "#7d5527", 12)
    p.fill(
        spline([(272, 330), (262, 390), (292, 450), (300, 440), (280, 390), (290, 330)], closed=True), "#ffffff", 0.2
    )
    return p


def bowl():
    p, chance = Picture("#2f3a35", "#3d4a42"), Chance(5)
    table(p, 400, "#c7b08a", "#a38b64")
    for i in range(14):  # A mat of reeds.
        p.fill(
            [
                (90 + i * 3, 455 + i * 8),
                (710 - i * 3, 455 + i * 8),
                (712 - i * 3, 460 + i * 8),
                (88 + i * 3, 460 + i * 8),
            ],
            "#7f6b45",
            0.35,
        )
    shadow(p, 370, 510, 190, 28, 0.07)
    vessel(p, 360, [(300, 190), (350, 182), (420, 150), (475, 96), (498, 70), (508, 68)], "#5b5650", "#1d1a18", 26)
    drip = spline(
        [(172, 318), (215, 360), (250, 345), (300, 392), (345, 362), (400, 400), (450, 358), (500, 372), (547, 320)],
        10,
    )
    p.fill([(170, 300)] + drip + [(550, 300)], "#b8c7a6", 0.9)
    p.fill(ellipse(360, 300, 190, 46), "#d7e0c4")
    p.fill(ellipse(360, 303, 178, 40), "#26231f")
    p.fill(ellipse(360, 312, 160, 32), "#86a33d")
    p.fill(ellipse(350, 309, 130, 23), "#a3bd55", 0.8)
    speckles(p, chance, 350, 310, 140, 24, 160, "#dbe6a4", 0.8)
    for i in range(15):  # The whisk.
        u = (i - 7) / 7
        line = spline([(640 + u * 46, 505), (640 + u * 54, 450), (640 + u * 24, 392), (640 + u * 17, 375)], 8)
        p.fill(stroke(line, 4, 3), "#e7d19c" if i % 2 else "#cdb276")
    vessel(p, 640, [(290, 22), (330, 21), (382, 23), (388, 22)], "#ecd9a8", "#a5854a", 14)
    p.fill([(617, 372), (663, 372), (663, 380), (617, 380)], "#4b3b22")
    return p


def linen():
    p = Picture("#e9edea", "#d5ddd8")
    table(p, 430, "#b9a58a", "#93805f")
    shadow(p, 400, 515, 260, 24, 0.06)
    for k, (y, base, edge, bands) in enumerate(
        (
            (432, "#cfd6cf", "#9fb0a6", "#5f7f86"),
            (352, "#efe6d4", "#cdbd9f", "#b5533c"),
            (272, "#dfe3ea", "#aab6c8", "#3f5a7d"),
        )
    ):
        x, w = 170 + 12 * (k % 2), 460 - 10 * k
        p.fill(rounded(x, y, w, 80, 26), (base, edge))
        for i in range(3):
            p.fill(rounded(x + 6, y + 24 + i * 19, w - 12, 3, 1), edge, 0.9)
        for offset, width in ((w - 150, 10), (w - 130, 22), (w - 98, 10)):
            p.fill(
                [
                    (x + offset, y + 1),
                    (x + offset + width, y + 1),
                    (x + offset + width, y + 79),
                    (x + offset, y + 79),
                ],
                bands,
                0.85,
            )
        for i in range(0, w - 40, 7):
            p.fill(
                [(x + 20 + i, y + 4), (x + 21 + i, y + 4), (x + 21 + i, y + 76), (x + 20 + i, y + 76)],
                "#ffffff",
                0.12,
            )
    twig = spline([(250, 262), (330, 240), (420, 246), (520, 222)], 14)
    p.fill(stroke(twig, 5, 2), "#6f7f52")
    for i in range(5, 40, 4):
        x, y = twig[i]
        for side in (-1, 1):
            p.fill(turned(ellipse(x + 16, y, 17, 6, 24), side * 48 - 12, x, y), "#8a9c63" if side < 0 else "#75884f")
    return p


def apron():
    p = Picture("#ead9c6", "#dcc4a9")
    for i in range(8):
        p.fill([(i * 104, 0), (i * 104 + 3, 0), (i * 104 + 3, HEIGHT), (i * 104, HEIGHT)], "#b89572", 0.45)
    p.fill(rounded(300, 46, 200, 22, 8), ("#8a6038", "#6b4726"))
    p.fill(ellipse(400, 74, 11, 14), "#3b2a1a")
    for side in (-1, 1):
        p.fill(stroke(spline([(400, 74), (400 + side * 46, 112), (400 + side * 72, 172)], 12), 11), "#a4562f")
        p.fill(
            stroke(
                spline(
                    [
                        (400 + side * 148, 308),
                        (400 + side * 196, 346),
                        (400 + side * 178, 430),
                        (400 + side * 206, 500),
                    ],
                    12,
                ),
                10,
                8,
            ),
            "#274a52",
        )
    shade = spline(
        [
            (338, 170),
            (330, 240),
            (262, 302),
            (248, 420),
            (246, 545),
            (560, 545),
            (560, 420),
            (546, 302),
            (478, 240),
            (470, 170),
        ],
        8,
    )
    p.fill([(x + 10, y + 12) for x, y in shade], "#4b3019", 0.22)
    body = spline([(328, 165), (320, 235), (252, 300), (240, 420), (238, 540)], 10) + spline(
        [(562, 540), (560, 420), (548, 300), (480, 235), (472, 165)], 10
    )
    p.fill(body, ("#46737d", "#2f5560"))
    for x, sway in ((300, 8), (352, -6), (456, 7), (508, -8)):
        p.fill(stroke(spline([(x, 320), (x + sway, 420), (x - sway, 538)], 12), 3, 12), "#1f3d46", 0.3)
    p.fill(rounded(318, 350, 164, 118, 14), ("#4f7e88", "#3a626c"))
    for i in range(20):
        p.fill(
            [(324 + i * 7.8, 358), (328 + i * 7.8, 358), (328 + i * 7.8, 360.5), (324 + i * 7.8, 360.5)], "#f1dcb5"
        )
    p.fill([(399, 350), (401, 350), (401, 468), (399, 468)], "#28474f")
    p.fill(rounded(440, 442, 30, 16, 2), "#c9753f")
    p.fill(stroke([(350, 352), (338, 300)], 8), "#b98a56")  # A wooden spoon in the pocket.
    p.fill(turned(ellipse(334, 286, 15, 22), -12, 334, 286), "#c89b66")
    return p


def candles():
    p = Picture("#27324a", "#3d3a4c")
    table(p, 450, "#5c4636", "#3c2c22")
    for cx, top in ((310, 190), (480, 250)):
        for i in range(14):
            r = 190 - 13 * i
            p.fill(ellipse(cx, top - 40, r, r), "#ffcf7a", 0.022)
    for cx, top in ((310, 190), (480, 250)):
        shadow(p, cx + 10, 528, 100, 18, 0.07)
        vessel(p, cx, [(478, 40), (486, 84), (500, 94), (520, 88), (526, 80)], "#c98f4e", "#5e3a1c", 16)
        vessel(p, cx, [(top, 24), (top + 8, 27), (350, 32), (484, 36)], "#ffdf94", "#b97d22", 20)
        p.fill(ellipse(cx, top + 2, 25, 8), "#fff0bf")
        for dx, length in ((-22, 60), (-8, 26), (21, 44)):
            p.fill(rounded(cx + dx - 4, top + 2, 9, length, 4), "#ffe9ae", 0.9)
        p.fill(stroke([(cx, top + 2), (cx + 2, top - 18)], 3), "#3a2a1c")
        flame = spline(
            [
                (cx + 3, top - 92),
                (cx + 19, top - 44),
                (cx + 12, top - 14),
                (cx + 1, top - 8),
                (cx - 12, top - 16),
                (cx - 14, top - 44),
            ],
            12,
            True,
        )
        p.fill(flame, ("#ffb640", "#ff8c28"))
        p.fill([(cx + (x - cx) * 0.55, top - 12 + (y - top + 12) * 0.62) for x, y in flame], ("#fff3c4", "#ffd765"))
    for i in range(3):  # A bee rests there.
        p.fill(ellipse(622 + i * 11, 506 - i * 2, 11, 13), "#3a2a1c" if i % 2 else "#e3a52f")
    p.fill(turned(ellipse(626, 490, 9, 17), -30, 626, 490), "#e9eef5", 0.75)
    p.fill(turned(ellipse(642, 488, 9, 17), 20, 642, 488), "#e9eef5", 0.75)
    return p


def honey():
    p, chance = Picture("#fbf1d9", "#f3e0b4"), Chance(21)
    table(p, 440, "#c49a63", "#9e7440")
    shadow(p, 400, 532, 180, 24, 0.06)
    vessel(p, 360, [(210, 118), (232, 132), (270, 140), (480, 140), (512, 132), (524, 116)], "#ffc54a", "#8f4d08", 26)
    p.fill(rounded(232, 236, 22, 260, 11), "#fff4cf", 0.5)
    p.fill(ellipse(360, 214, 112, 20), "#ffdd83", 0.9)
    speckles(p, chance, 380, 400, 90, 100, 26, "#ffe9a6", 0.6)
    vessel(p, 360, [(150, 122), (158, 127), (200, 127), (210, 122)], "#e9d9bd", "#a3845c", 20)
    p.fill(ellipse(360, 152, 122, 22), "#f4e8d2")
    for i in range(30):
        u = -0.96 + 1.92 * i / 29
        p.fill(
            [(360 + u * 126, 168), (361.5 + u * 126, 168), (361.5 + u * 126, 200), (360 + u * 126, 200)],
            "#8d7048",
            0.28,
        )
    p.fill(rounded(268, 310, 184, 130, 12), ("#fffaf0", "#f1e4cb"))
    p.fill(rounded(276, 318, 168, 114, 9), "#b9862f", 0.22)
    for row in range(3):
        for column in range(4):
            x, y = 316 + column * 30 + (row % 2) * 15, 350 + row * 26
            p.fill(
                [
                    (x + 15 * math.cos(math.radians(60 * k + 30)), y + 15 * math.sin(math.radians(60 * k + 30)))
                    for k in range(6)
                ],
                "#e3a52f" if (row + column) % 3 else "#c47d14",
            )
    stick = [(690, 300), (585, 470)]
    p.fill(stroke(stick, 13), ("#b98a56", "#8a6038"))
    for i in range(6):
        x, y = 585 - i * 7, 470 + i * 11
        p.fill(turned(ellipse(x, y, 30 - abs(i - 2.5) * 5, 6), 32, x, y), "#a8743c" if i % 2 else "#c4935a")
    p.fill(spline([(520, 528), (560, 514), (610, 524), (600, 542), (545, 546)], 10, True), "#d98a14", 0.9)
    p.fill(spline([(536, 528), (560, 521), (584, 526), (560, 532)], 8, True), "#ffd36b", 0.8)
    return p


def spoon():
    p, chance = Picture("#e8e3da", "#d9d2c4"), Chance(17)
    for i in range(0, WIDTH, 10):  # A cloth.
        p.fill([(i, 0), (i + 2, 0), (i + 2, HEIGHT), (i, HEIGHT)], "#ffffff", 0.28)
    for i in range(0, HEIGHT, 10):
        p.fill([(0, i), (WIDTH, i), (WIDTH, i + 2), (0, i + 2)], "#b9ae98", 0.2)
    for i in (70, 96):
        p.fill([(0, i), (WIDTH, i), (WIDTH, i + 12), (0, i + 12)], "#9c4a36", 0.55)
    pieces = [
        (
            spline(
                [
                    (188, 300),
                    (215, 236),
                    (290, 222),
                    (352, 262),
                    (384, 288),
                    (384, 312),
                    (352, 338),
                    (290, 378),
                    (215, 364),
                ],
                12,
                True,
            ),
            ("#8a5a38", "#5b3820"),
        ),
        (stroke(spline([(370, 300), (470, 306), (580, 296), (664, 302)], 14), 27, 36), ("#855536", "#5f3b22")),
        (ellipse(664, 302, 20, 18), "#6f4629"),
    ]
    for points, _ in pieces:
        p.fill(turned([(x + 10, y + 26) for x, y in points], -24, 400, 300), "#3b2a18", 0.28)
    for points, color in pieces:
        p.fill(turned(points, -24, 400, 300), color)
    p.fill(turned(ellipse(282, 300, 76, 54), -24, 400, 300), ("#4c2e1a", "#7d5233"))
    p.fill(turned(ellipse(290, 308, 58, 36), -24, 400, 300), "#9a6a45", 0.4)
    for i in range(7):
        y = 290 + i * 3.4
        line = spline([(392, y), (480, y + chance.between(-2, 3)), (570, y - 3), (656, y + 1)], 12)
        p.fill(turned(stroke(line, 1.6), -24, 400, 300), "#3a2212", 0.4)
    for _ in range(46):  # Tea leaves.
        x, y = chance.between(520, 690), chance.between(400, 500)
        leaf = spline([(x, y), (x + 9, y - 3), (x + 19, y + 1), (x + 9, y + 4)], 5, True)
        p.fill(turned(leaf, chance.between(0, 360), x, y), "#48563a" if chance.between(0, 1) > 0.4 else "#6c7a4c")
    return p


def board():
    p, chance = Picture("#dfe6e6", "#c9d3d2"), Chance(29)
    table(p, 250, "#8e9a9a", "#738181")
    for i in range(8):
        p.fill(rounded(112 - i, 196 - i + 18, 580 + 2 * i, 284 + 2 * i, 44), "#1f2a2a", 0.035)
    p.fill(stroke([(660, 336), (748, 336)], 74), "#c0935c")
    p.fill(rounded(700, 299, 74, 74, 36), "#c0935c")
    p.fill(rounded(100, 190, 580, 284, 42), ("#d7ad74", "#bd8c54"))
    grain(p, chance, 110, 204, 560, 258, "#8f6131", 26, 0.3)
    for k in range(4):
        p.fill(
            stroke(
                spline(
                    [
                        (420 - k * 9, 330),
                        (470, 312 - k * 7),
                        (520 + k * 9, 330),
                        (470, 348 + k * 7),
                        (420 - k * 9, 330),
                    ],
                    10,
                ),
                2,
            ),
            "#7d5226",
            0.4,
        )
    p.fill(ellipse(742, 336, 15, 15), "#7b8888")
    p.fill(rounded(100, 466, 580, 16, 8), "#8f6131", 0.5)
    shadow(p, 262, 412, 110, 16, 0.05)
    loaf = spline(
        [(160, 400), (158, 330), (196, 288), (262, 276), (330, 288), (366, 330), (364, 400), (262, 412)], 12, True
    )
    p.fill(loaf, ("#b06a2c", "#7c4518"))
    for x in (205, 255, 305):
        p.fill(stroke(spline([(x - 14, 300), (x + 8, 326), (x + 18, 356)], 8), 9, 4), "#e8c48b", 0.85)
    pear = spline(
        [
            (560, 236),
            (580, 250),
            (584, 290),
            (618, 338),
            (606, 398),
            (560, 418),
            (512, 398),
            (500, 338),
            (534, 290),
            (540, 250),
        ],
        12,
        True,
    )
    shadow(p, 562, 414, 60, 10, 0.06)
    p.fill(pear, ("#c9cf58", "#93a22c"))
    p.fill(spline([(530, 320), (516, 360), (532, 392), (542, 360)], 10, True), "#f2f3b0", 0.6)
    p.fill(stroke(spline([(560, 240), (562, 220), (574, 202)], 8), 6, 4), "#5b3d20")
    p.fill(turned(ellipse(596, 212, 24, 9), -14, 574, 208), "#6b8a3a")
    return p


def birdhouse():
    p, chance = Picture("#bfe0ea", "#eaf3e2"), Chance(41)
    for cx, cy, r in ((120, 110, 46), (176, 96, 58), (240, 118, 42), (620, 80, 40), (676, 92, 52)):
        p.fill(ellipse(cx, cy, r, r * 0.6), "#ffffff", 0.8)
    p.fill(
        spline([(0, 470), (200, 440), (420, 480), (640, 450), (800, 470)], 16) + [(800, 600), (0, 600)],
        ("#9cc07a", "#6f9a55"),
    )
    p.fill(stroke(spline([(800, 250), (640, 232), (470, 214), (300, 226), (150, 190)], 16), 44, 12), "#6f5138")
    for i in range(62):
        x, y = chance.between(120, 800), chance.between(130, 285)
        if 270 < x < 560 and y > 190:
            continue
        p.fill(
            turned(ellipse(x, y, 22, 9, 20), chance.between(0, 360), x, y), ("#7fae4f", "#5d8d3b", "#96bf62")[i % 3]
        )
    p.fill(stroke([(400, 222), (400, 262)], 5), "#5a4a3a")
    p.fill([(302, 340), (498, 340), (480, 530), (320, 530)], ("#d9a06b", "#b87c48"))
    for x in (346, 390, 434):
        p.fill([(x, 340), (x + 2, 340), (x + 2, 530), (x, 530)], "#7d5028", 0.5)
    grain(p, chance, 316, 350, 168, 172, "#8f5c2e", 13, 0.25)
    p.fill([(302, 340), (498, 340), (400, 262)], ("#c78d58", "#d9a06b"))
    for side in (-1, 1):
        roof = [(400, 246), (400 + side * 128, 348), (400 + side * 122, 368), (400, 272)]
        p.fill(roof, "#a2452f" if side < 0 else "#8a3624")
    p.fill(ellipse(400, 398, 34, 34), "#8f5c2e")
    p.fill(ellipse(400, 400, 29, 29), "#2a1a10")
    p.fill(stroke([(400, 462), (400, 492)], 10), "#7d5028")
    p.fill(ellipse(400, 462, 9, 9), "#e2b581")
    p.fill(
        spline([(214, 158), (250, 150), (276, 172), (270, 200), (236, 208), (208, 190)], 12, True),
        ("#e8b23a", "#d9822b"),
    )
    p.fill(ellipse(220, 162, 21, 19), "#34495e")
    p.fill([(201, 160), (184, 166), (202, 170)], "#f0c14b")
    p.fill(ellipse(214, 158, 4, 4), "#ffffff")
    p.fill(turned(ellipse(258, 178, 26, 11), 24, 258, 178), "#4a637a")
    p.fill(stroke([(272, 192), (312, 206)], 12, 5), "#34495e")
    return p


PICTURES = [cup, teapot, bowl, linen, apron, candles, honey, spoon, board, birdhouse]


def main(names):
    folder = pathlib.Path(__file__).resolve().parent
    for draw in PICTURES:
        if names and draw.__name__ not in names:
            continue
        data = draw().png()
        (folder / f"{draw.__name__}.png").write_bytes(data)
        print(f"{draw.__name__}.png  {len(data)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
