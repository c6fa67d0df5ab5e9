"""The pictures of Reyes Woodwork."""

from drawing import HEIGHT, WIDTH, Chance, Picture, ellipse, grain, rounded, shadow, spline, stroke, table, turned


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


PICTURES = [spoon, board, birdhouse]
