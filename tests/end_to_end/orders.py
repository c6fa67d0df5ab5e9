"""Writes a small dataset in the form of the public one of Olist, the same in every run.

It has what the real one has: several sellers in an order, repeated products, bank slips,
cancelled orders, times that are missing or contradict each other, orders without items,
and malformed rows.

usage: orders.py FOLDER ORDERS HOURS_BETWEEN
"""

import csv
import datetime
import os
import random
import sys


def _text(time):
    return time.strftime("%Y-%m-%d %H:%M:%S") if time else ""


def _write(folder, name, header, rows):
    with open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_dataset(folder, orders=40, seed=1, hours_between=7):
    """Writes the files; returns what the import must end in."""
    rng = random.Random(seed)
    hex_id = lambda: f"{rng.getrandbits(128):032x}"
    sellers = [hex_id() for _ in range(5)]
    products = [(hex_id(), rng.choice(sellers), rng.randrange(500, 20000), rng.randrange(300, 4000))
                for _ in range(12)]
    rows = {name: [] for name in ("orders", "items", "payments", "reviews", "customers")}
    expected = {"orders": 0, "groups": 0, "kept": 0, "cancelled_groups": 0, "skipped": 0}
    start = datetime.datetime(2016, 9, 5, 10, 0, 0)
    for number in range(orders):
        order, customer = hex_id(), hex_id()
        status = rng.choice(["delivered"] * 6 + ["shipped", "canceled", "processing", "unavailable"])
        bought = start + datetime.timedelta(hours=hours_between * number, seconds=rng.randrange(3600))
        boleto = rng.random() < 0.25
        approved = bought + datetime.timedelta(hours=rng.randrange(1, 60) if boleto else 1)
        handed = approved + datetime.timedelta(days=rng.randrange(1, 6))
        delivered = handed + datetime.timedelta(days=rng.randrange(2, 12))
        if status not in ("delivered", "shipped"):
            handed = None
        if status != "delivered":
            delivered = None
        if delivered and number % 11 == 0:
            delivered = handed - datetime.timedelta(hours=1)  # A time that contradicts another.
        estimate = bought + datetime.timedelta(days=14)
        rows["customers"].append([customer, hex_id(), f"{rng.randrange(1000, 99999):05d}", "sao paulo", "SP"])
        rows["orders"].append([order, customer, status, _text(bought), _text(approved), _text(handed),
                               _text(delivered), _text(estimate)])
        if number % 13 == 12:
            expected["skipped"] += 1
            continue
        chosen = rng.sample(products, rng.choice([1, 1, 1, 2]))
        total, sold_by = 0, set()
        for product, seller, price, freight in chosen:
            for _ in range(rng.choice([1, 1, 2])):
                rows["items"].append([order, len(rows["items"]) + 1, product, seller, _text(estimate),
                                      f"{price / 100:.2f}", f"{freight / 100:.2f}"])
                total += price + freight
            sold_by.add(seller)
        rows["payments"].append([order, 1, "boleto" if boleto else "credit_card", 1, f"{total / 100:.2f}"])
        expected["groups"] += 1
        expected["orders"] += len(sold_by)
        if status in ("delivered", "shipped"):
            expected["kept"] += total
        else:
            expected["cancelled_groups"] += 1
        if rng.random() < 0.8:
            day = (delivered or estimate) + datetime.timedelta(days=rng.randrange(-3, 5))
            rows["reviews"].append([hex_id(), order, rng.randrange(1, 6), "", "Muito bom,\n\"recomendo\"",
                                    _text(day), _text(day)])
    rows["items"].append(["nobody", 1, products[0][0], sellers[0], "", "1.00", "1.00"])  # Malformed.
    _write(folder, "customers", ["customer_id", "customer_unique_id", "customer_zip_code_prefix",
                                 "customer_city", "customer_state"], rows["customers"])
    _write(folder, "orders", ["order_id", "customer_id", "order_status", "order_purchase_timestamp",
                              "order_approved_at", "order_delivered_carrier_date",
                              "order_delivered_customer_date", "order_estimated_delivery_date"], rows["orders"])
    _write(folder, "order_items", ["order_id", "order_item_id", "product_id", "seller_id",
                                   "shipping_limit_date", "price", "freight_value"], rows["items"])
    _write(folder, "order_payments", ["order_id", "payment_sequential", "payment_type",
                                      "payment_installments", "payment_value"], rows["payments"])
    _write(folder, "order_reviews", ["review_id", "order_id", "review_score", "review_comment_title",
                                     "review_comment_message", "review_creation_date",
                                     "review_answer_timestamp"], rows["reviews"])
    _write(folder, "products", ["product_id", "product_category_name", "product_weight_g"],
           [[product, "casa", 500] for product, *_ in products])
    _write(folder, "sellers", ["seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"],
           [[seller, "01000", "sao paulo", "SP"] for seller in sellers])
    return expected


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    write_dataset(sys.argv[1], orders=int(sys.argv[2]), hours_between=int(sys.argv[3]))
