#!/usr/bin/env python3
"""Draws the pictures of the demo shop, with nothing but Python's standard library.

    tools/demo_shop/make_pictures.py [NAME ...]

Writes NAME.png beside this file; all of them without names. The same pixels every time.
"""

import pathlib
import sys

import pictures_lind
import pictures_mori
import pictures_okafor
import pictures_reyes

SHOPS = [pictures_mori, pictures_lind, pictures_okafor, pictures_reyes]


def main(names):
    folder = pathlib.Path(__file__).resolve().parent
    for draw in (picture for shop in SHOPS for picture in shop.PICTURES):
        if names and draw.__name__ not in names:
            continue
        data = draw().png()
        (folder / f"{draw.__name__}.png").write_bytes(data)
        print(f"{draw.__name__}.png  {len(data)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
