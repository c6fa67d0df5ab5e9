"""The pictures of Lind & Lin."""

from drawing import HEIGHT, Picture, ellipse, rounded, shadow, spline, stroke, table, turned


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


PICTURES = [linen, apron]
