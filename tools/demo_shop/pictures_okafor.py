"""The pictures of Okafor Bees."""

import math

from drawing import Chance, Picture, ellipse, rounded, shadow, speckles, spline, stroke, table, turned, vessel


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


PICTURES = [candles, honey]
