"""The answers to the ten questions, computed from the dataset's CSV files alone: no event is looked at.

What is not in the files is what the import and the store promise to do: how contradicting times are resolved is in
tools/soukctl/olist/olist_plan.h, the delivery profile in import_olist.cc beside it, and the store's own times (when it
cancels, takes for received, and invites to review) are its defaults.

usage: csv_figures.py FOLDER
"""

import csv
import datetime
import decimal
import gzip
import json
import math
import os
import sys
import zoneinfo
from collections import defaultdict

ZONE = zoneinfo.ZoneInfo("America/Sao_Paulo")
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)

# The delivery profile of the import.
CUTOFF_MINUTE = 14 * 60
HANDLING_DAYS = 15
TRANSIT_DAYS = 20
# The store's defaults.
COMMISSION_BASIS_POINTS = 800
UNPAID_CANCEL_AFTER = 5 * DAY
NOT_DISPATCHED_AFTER_SHIP_BY = 14 * DAY
RECEIVED_AFTER_DELIVERY = 3 * DAY
RECEIVED_AFTER_DISPATCH = 14 * DAY
INVITED_AFTER_RECEIPT = 3 * DAY
TRACKING_CODE_LIFETIME = 90 * DAY  # A scan of an older code is taken for one of another parcel.
# The limits of the import.
PAID_WITHIN = 4 * DAY
DISPATCHED_WITHIN = 34 * DAY


def rows_of(folder, name):
    path = os.path.join(folder, name + ".csv")
    opened = open(path, encoding="utf-8", newline="") if os.path.exists(path) else \
        gzip.open(path + ".gz", "rt", encoding="utf-8", newline="")
    with opened as file:
        yield from csv.DictReader(file)


def time_of(text):
    """The files have Brazil's time; the store counts in UTC."""
    if not text:
        return None
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(datetime.timezone.utc)


def cents(text):
    whole, _, decimals = text.partition(".")
    return int(whole) * 100 + int((decimals + "00")[:2])


def on_business_day(day):
    while day.weekday() >= 5:
        day += DAY
    return day


def business_days_after(day, count):
    day = on_business_day(day)
    for _ in range(count):
        day = on_business_day(day + DAY)
    return day


def promise(placed):
    """The last moment to dispatch, and the last day to arrive."""
    local = placed.astimezone(ZONE)
    today = local.date()
    too_late = local.hour * 60 + local.minute >= CUTOFF_MINUTE and today.weekday() < 5
    ship_day = business_days_after(today + DAY if too_late else today, HANDLING_DAYS)
    midnight = datetime.datetime.combine(ship_day + DAY, datetime.time(), tzinfo=ZONE)
    return (midnight.astimezone(datetime.timezone.utc) - datetime.timedelta(seconds=1),
            business_days_after(ship_day, TRANSIT_DAYS))


class Purchase:
    """An order of the dataset, with what the store must have made of it."""

    def __init__(self, row):
        self.id, self.status = row["order_id"], row["order_status"]
        self.placed = time_of(row["order_purchase_timestamp"])
        self.approved = time_of(row["order_approved_at"])
        self.handed_over = time_of(row["order_delivered_carrier_date"])
        self.arrived = time_of(row["order_delivered_customer_date"])
        self.boleto = False
        self.items, self.reviews = [], []
        self.paid = self.dispatched = self.delivered = self.cancelled = self.received = self.review = None
        self.reason = self.cancelled_by = None

    def resolve(self):
        self.ship_by, self.arrive_until = promise(self.placed)
        self.paid = self._paid()
        if self.status in ("canceled", "unavailable"):
            self.cancelled = (self.paid or self.placed + 24 * HOUR) + MINUTE
            self.reason, self.cancelled_by = (("out_of_stock", "seller") if self.status == "unavailable"
                                              else ("changed_mind", "buyer"))
            return
        if self.paid:
            self.dispatched = self._dispatched()
        if self.dispatched:
            self.delivered = self._delivered()
            told = self.delivered and self.delivered < self.dispatched + RECEIVED_AFTER_DISPATCH
            self.received = (self.delivered + RECEIVED_AFTER_DELIVERY if told
                             else self.dispatched + RECEIVED_AFTER_DISPATCH)
            if self.reviews:
                time, score = self.reviews[0]
                self.review = max(time, self.delivered or self.dispatched), score
        elif self.paid:
            self.cancelled = max(self.paid, self.ship_by) + NOT_DISPATCHED_AFTER_SHIP_BY
            self.reason, self.cancelled_by = "not_dispatched", "system"
        else:
            self.cancelled, self.reason, self.cancelled_by = self.placed + UNPAID_CANCEL_AFTER, "unpaid", "system"

    def _paid(self):
        if not self.boleto:
            return self.placed
        if not self.approved and self.status not in ("delivered", "shipped"):
            return None
        return min(max(self.approved or self.placed, self.placed), self.placed + PAID_WITHIN)

    def _dispatched(self):
        time = self.handed_over
        if not time and self.status == "delivered":
            time = self.arrived - MINUTE if self.arrived else self.paid
        return min(max(time, self.paid), self.paid + DISPATCHED_WITHIN) if time else None

    def _delivered(self):
        if not self.arrived:
            return None
        return self.arrived if self.arrived >= self.dispatched else self.dispatched + MINUTE

    def delivery(self):
        """When the store recorded the delivery; None when it could not."""
        known = self.delivered and self.delivered < self.dispatched + TRACKING_CODE_LIFETIME
        return self.delivered if known else None

    def orders(self):
        """The seller and the total of each order that the purchase became."""
        totals = defaultdict(int)
        for _, seller, price in self.items:
            totals[seller] += price
        return sorted(totals.items())

    def lines(self):
        """What was bought of each product of each seller."""
        quantities = defaultdict(int)
        for product, seller, _ in self.items:
            quantities[product, seller] += 1
        return quantities


def read(folder):
    purchases = {row["order_id"]: Purchase(row) for row in rows_of(folder, "orders")}
    for row in rows_of(folder, "order_items"):
        if row["order_id"] in purchases:
            purchases[row["order_id"]].items.append(
                (row["product_id"], row["seller_id"], cents(row["price"]) + cents(row["freight_value"])))
    for row in rows_of(folder, "order_payments"):
        if row["payment_type"] == "boleto":
            purchases[row["order_id"]].boleto = True
    for row in rows_of(folder, "order_reviews"):
        purchases[row["order_id"]].reviews.append(
            (time_of(row["review_creation_date"]), int(row["review_score"])))
    chosen = [purchase for purchase in purchases.values() if purchase.items]
    for purchase in chosen:
        purchase.resolve()
    return chosen


def month(time):
    return time.strftime("%Y-%m")


def rounded(number, digits):
    """Half away from zero, as SQL does."""
    return float(decimal.Decimal(str(number)).quantize(decimal.Decimal(10) ** -digits, decimal.ROUND_HALF_UP))


def percent(part, whole):
    return rounded(100 * part / whole, 1)


def quantile(values, share):
    """The smallest value that is not less than so many of them."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def hours(delta):
    return delta / HOUR


def commission(amount):
    """Rounded half to even, as the ledger does."""
    whole, rest = divmod(amount * COMMISSION_BASIS_POINTS, 10000)
    return whole + (1 if rest > 5000 or (rest == 5000 and whole % 2) else 0)


def grouped(items, key):
    groups = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return sorted(groups.items())


def funnel(purchases):
    orders = [(purchase, seller) for purchase in purchases for seller, _ in purchase.orders()]
    dispatched = sum(1 for purchase, _ in orders if purchase.dispatched)
    numbers = [("carts created", len(purchases)), ("checkouts started", len(purchases)),
               ("purchases placed", len(purchases)), ("purchases paid", sum(1 for p in purchases if p.paid)),
               ("orders placed", len(orders)), ("orders paid", sum(1 for p, _ in orders if p.paid)),
               ("orders dispatched", dispatched), ("orders received", dispatched),
               ("orders reviewed", sum(1 for p in purchases if p.review))]
    return [[step, what, number] for step, (what, number) in enumerate(numbers, 1)]


def conversion(purchases):
    rows = []
    for name, group in grouped(purchases, lambda p: month(p.placed)):
        paid = sum(1 for purchase in group if purchase.paid)
        rows.append([name, len(group), len(group), paid, percent(paid, len(group))])
    return rows


def days_late(purchase):
    return max(0, (purchase.delivery().astimezone(ZONE).date() - purchase.arrive_until).days)


def late_deliveries(purchases):
    delivered = [purchase for purchase in purchases if purchase.delivery() for _ in purchase.orders()]
    rows = []
    for name, group in grouped(delivered, lambda p: month(p.delivery())):
        late = [days_late(purchase) for purchase in group if days_late(purchase) > 0]
        average = rounded(sum(late) / len(late), 1) if late else None
        rows.append([name, len(group), len(late), percent(len(late), len(group)), average])
    return rows


def seller_on_time(purchases):
    sellers = defaultdict(list)
    for purchase in purchases:
        for seller, _ in purchase.orders():
            if purchase.dispatched:
                sellers[seller].append(purchase.dispatched <= purchase.ship_by)
    bands = {"100 %": [], "90 to 100 %": [], "50 to 90 %": [], "less than 50 %": []}
    for shipments in sellers.values():
        share = 100 * sum(shipments) / len(shipments)
        name = ("100 %" if share == 100 else "90 to 100 %" if share >= 90 else
                "50 to 90 %" if share >= 50 else "less than 50 %")
        bands[name].append(shipments)
    return [[name, len(band), sum(map(len, band)), sum(map(sum, band))] for name, band in bands.items() if band]


def refunds(purchases):
    returned = [(purchase, total) for purchase in purchases if purchase.cancelled and purchase.paid
                for _, total in purchase.orders()]
    return [[reason, by, "BRL", len(group), sum(total for _, total in group)]
            for (reason, by), group in grouped(returned, lambda one: (one[0].reason, one[0].cancelled_by))]


def revenue_by_week(purchases):
    kept = [(purchase.placed.date() - purchase.placed.weekday() * DAY, total) for purchase in purchases
            if not purchase.cancelled for _, total in purchase.orders()]
    return [[week.isoformat(), "BRL", len(group), sum(total for _, total in group),
             sum(commission(total) for _, total in group)] for week, group in grouped(kept, lambda one: one[0])]


def order_to_dispatch(purchases):
    taken = [("bank_transfer" if purchase.boleto else "card", hours(purchase.dispatched - purchase.placed))
             for purchase in purchases if purchase.dispatched for _ in purchase.orders()]
    rows = []
    for method, group in grouped(taken, lambda one: one[0]):
        times = [time for _, time in group]
        rows.append([method, len(times), rounded(quantile(times, 0.5), 2), rounded(quantile(times, 0.9), 2),
                     rounded(max(times), 2)])
    return rows


def reply_times(purchases):
    asked, replies, reviews = 0, [], 0
    for purchase in purchases:
        reviews += 1 if purchase.review else 0
        if not purchase.received:
            continue
        invited = purchase.received + INVITED_AFTER_RECEIPT
        asked += len(purchase.orders()) - 1  # The review is of the first order; others have none.
        if not purchase.review or purchase.review[0] >= invited:
            asked += 1
            if purchase.review:
                replies.append(hours(purchase.review[0] - invited))
    rows = [["buyer answers an invitation", asked, len(replies),
             rounded(quantile(replies, 0.5), 2) if replies else None]] if asked else []
    return rows + ([["seller answers a review", reviews, 0, None]] if reviews else [])


def review_scores(purchases):
    def delivery(purchase):
        if not purchase.delivery():
            return "no delivery recorded"
        return "late" if days_late(purchase) > 0 else "on time"

    rows = []
    for name, group in grouped([purchase for purchase in purchases if purchase.review], delivery):
        scores = [purchase.review[1] for purchase in group]
        bad = sum(1 for score in scores if score <= 2)
        rows.append([name, len(scores), rounded(sum(scores) / len(scores), 2), bad])
    return rows


def stock_outs(purchases):
    # Each order brings its own stock, and a cancelled one leaves it there. Timers come before what the import
    # does at the same time.
    steps = []
    for purchase in purchases:
        steps.append((purchase.placed, 1, purchase.id, purchase))
        if purchase.cancelled:
            by_timer = purchase.cancelled_by == "system"
            steps.append((purchase.cancelled, 0 if by_timer else 1, purchase.id + "~", purchase))
    available, open_since, outs = defaultdict(int), {}, []
    for time, _, name, purchase in sorted(steps, key=lambda step: step[:3]):
        for line, quantity in purchase.lines().items():
            if available[line] == 0 and line in open_since:
                outs.append((open_since.pop(line), time, line))
            available[line] += quantity
            if name.endswith("~"):
                continue
            available[line] -= quantity
            if available[line] == 0:
                open_since[line] = time
    outs += [(since, None, line) for line, since in open_since.items()]
    rows = []
    for name, group in grouped(outs, lambda out: month(out[0])):
        ended = [(until - since) / DAY for since, until, _ in group if until]
        rows.append([name, len(group), len({line for _, _, line in group}), len(ended),
                     rounded(quantile(ended, 0.5), 2) if ended else None])
    return rows


QUESTIONS = (conversion, funnel, late_deliveries, order_to_dispatch, refunds, reply_times, revenue_by_week,
             review_scores, seller_on_time, stock_outs)


def figures(folder):
    """{question: rows} for the dataset in the folder."""
    purchases = read(folder)
    return {question.__name__: question(purchases) for question in QUESTIONS}


if __name__ == "__main__":
    print(json.dumps(figures(sys.argv[1]), indent=1))
