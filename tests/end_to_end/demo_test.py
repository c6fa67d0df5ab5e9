"""The story of the quick start, as a new user sees it.

usage: demo_test.py BIN_DIR SHOP_DIR [--processes [--kafka]]
The store is soukd, or a process for each service; with --kafka they tell each other events over a broker.
"""

import argparse
import email
import email.policy
import json
import unittest

from kafka_store import wait_for
from processes import Processes
from store import Store

OPTIONS = None


def new_store():
    start_time = "2026-03-02T09:00:00Z"
    if OPTIONS.processes:
        return Processes(OPTIONS.bin_dir, start_time, kafka=OPTIONS.kafka)
    return Store(OPTIONS.bin_dir, start_time)


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = new_store()
        cls.store.start()
        cls.told = cls.store.ctl("demo", "--shop", OPTIONS.shop_dir, "--mails", cls.store.mail_dir).stdout

    @classmethod
    def tearDownClass(cls):
        cls.store.close()

    def mails_to(self, address):
        mails = [email.message_from_bytes(mail, policy=email.policy.default) for mail in self.store.mails()]
        return [mail for mail in mails if address in str(mail["To"])]

    def test_the_story_is_told_to_its_end(self):
        for sentence in ("CHECK OUT", "tells the system", "COMPLETED", "payout of", "PAID",
                         "trial balance of the whole ledger: 0"):
            self.assertIn(sentence, self.told)

    def test_the_buyer_has_a_mail_with_the_personal_note_when_it_is_sent(self):
        bodies = [mail.get_body(("plain",)).get_content() for mail in self.mails_to("anna@buyers.example")]
        self.assertTrue(any("I wrapped the teapot twice" in body for body in bodies))

    def test_each_seller_hears_of_the_order(self):
        orders = [line for line in self.told.splitlines() if "to do: order" in line]
        self.assertEqual(len(orders), 2)

    def test_the_journey_has_a_buyer_and_a_seller_lane(self):
        order = next(line.split()[-1] for line in self.told.splitlines() if "try: soukctl journey" in line)
        journey = self.store.ctl("journey", order).stdout
        self.assertIn("BUYER", journey)
        self.assertIn("SELLER", journey)
        self.assertIn("COMPLETED", journey)

    def test_a_week_later_the_buyer_is_asked_for_a_review_only_where_she_wrote_none(self):
        self.store.ctl("time", "advance", "+7d")
        subjects = [str(mail["Subject"]) for mail in self.mails_to("anna@buyers.example")]
        self.assertGreater(len(subjects), 0)
        again = len(self.store.mails())
        self.store.kill()
        self.store.start()
        self.store.ctl("time", "advance", "+1d")
        self.assertEqual(len(self.store.mails()), again)

    def test_the_status_shows_every_service(self):
        status = self.store.ctl("status").stdout
        for service in ("catalog", "cart", "order", "payment", "shipping", "notification"):
            self.assertIn(service, status)
        self.assertIn("PUBLICATION", status)

    def test_the_status_shows_how_far_kafka_is_behind_where_there_is_one(self):
        for line in json.loads(self.store.ctl("--json", "status").stdout):
            topics = [each["topic"] for each in line["publication"]]
            self.assertEqual(topics, [f"souk.{line['service']}.events.v1"] if OPTIONS.kafka else [])
        if OPTIONS.kafka:
            wait_for("everything is published", lambda: self.store.ctl("status").stdout.count("up to date") == 6)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin_dir")
    parser.add_argument("shop_dir")
    parser.add_argument("--processes", action="store_true")
    parser.add_argument("--kafka", action="store_true")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=["demo_test.py", *rest], verbosity=2)


if __name__ == "__main__":
    main()
