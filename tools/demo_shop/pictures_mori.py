"""The pictures of Mori Keramik."""

from drawing import Chance, Picture, ellipse, shadow, speckles, spline, steam, stroke, table, turned, vessel


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


PICTURES = [cup, teapot, bowl]
