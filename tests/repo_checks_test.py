#!/usr/bin/env python3
"""The checks of the repository find what they are there for."""

import unittest

import layering_test
import proto_lint_test
import style_test

ALLOWED = layering_test.may_use('set(SOUK_MAY_USE_base "")\nset(SOUK_MAY_USE_rpc base runtime)\n')

GOOD_PROTO = """syntax = "proto3";

package souk.order.v1;

import "google/protobuf/timestamp.proto";

// Takes orders.
service OrderService {
  // Cancels an order.
  rpc CancelOrder(CancelOrderRequest) returns (CancelOrderResponse);
}
// Asks for it.
message CancelOrderRequest {
  reserved 7, 9 to 11;
  reserved "old_name";
  // The order.
  string order_id = 1;
  // Tells repetitions.
  string request_id = 2 [deprecated = true];
  // What it is about.
  oneof target {
    // When it was wanted.
    google.protobuf.Timestamp want_time = 3;
    string other = 4;  // Something else.
  }
}
// The answer.
message CancelOrderResponse {
  // How far it is.
  enum State {
    // Not set.
    STATE_UNSPECIFIED = 0;
    // It is over.
    STATE_CANCELLED = 1;
  }
}
"""


def includes(path, header):
    return layering_test.check(path, f'#include "{header}"\n', ALLOWED)


class Layering(unittest.TestCase):
    def test_the_layers_are_read_from_cmake(self):
        self.assertEqual(ALLOWED, {"base": set(), "rpc": {"base", "runtime"}})

    def test_a_library_includes_only_what_is_below_it(self):
        self.assertFalse(includes("libs/rpc/server.cc", "libs/base/task.h"))
        self.assertFalse(includes("libs/rpc/server.cc", "libs/rpc/status.h"))
        self.assertFalse(includes("libs/rpc/server_test.cc", "libs/testing/spec.h"))
        self.assertTrue(includes("libs/rpc/server.cc", "libs/storage/store.h"))
        self.assertTrue(includes("libs/rpc/server.cc", "services/order/order.h"))
        self.assertTrue(includes("libs/rpc/server.cc", "souk/order/v1/order_service.pb.h"))

    def test_services_know_each_other_by_protos_only(self):
        self.assertFalse(includes("services/order/order.cc", "services/order/order.h"))
        self.assertFalse(includes("services/order/order.cc", "souk/cart/v1/cart_service.pb.h"))
        self.assertFalse(includes("services/order/module.cc", "souk/cart/events/v1/cart_events.pb.h"))
        self.assertFalse(includes("services/standalone/main.cc", "services/order/module.h"))
        self.assertTrue(includes("services/order/order.cc", "services/cart/cart.h"))
        self.assertTrue(includes("services/order/order.cc", "souk/cart/v1/cart_events.pb.h"))
        self.assertTrue(includes("services/order/order.cc", "libs/testing/spec.h"))

    def test_third_party_headers_stay_at_home(self):
        self.assertFalse(includes("libs/storage/rocks_store.cc", "rocksdb/db.h"))
        self.assertTrue(includes("libs/eventstore/event_log.cc", "rocksdb/db.h"))
        self.assertTrue(includes("services/order/module.cc", "grpcpp/server.h"))
        self.assertTrue(includes("services/order/order.cc", "catch2/catch.hpp"))

    def test_business_code_is_deterministic(self):
        for line in ("#include <thread>", "const auto now = absl::Now();", "std::getenv(name);"):
            self.assertTrue(layering_test.check("services/order/order.cc", line, ALLOWED), line)
            self.assertTrue(layering_test.check("libs/eventsourcing/engine.cc", line, ALLOWED), line)
            self.assertFalse(layering_test.check("services/order/main.cc", line, ALLOWED), line)
            self.assertFalse(layering_test.check("services/order/order_test.cc", line, ALLOWED), line)
        self.assertFalse(layering_test.check("services/order/order.cc", "// Not absl::Now().", ALLOWED))


class Style(unittest.TestCase):
    def refused(self, path, text):
        return len(style_test.check_text(path, text))

    def test_a_plain_file_passes(self):
        self.assertEqual(self.refused("libs/base/x.h", "#pragma once\nclass Money {};\n"), 0)

    def test_what_is_refused(self):
        for text in ("// TO" "DO: later\n", "\tint x;\n", "int x; \n", "    default:\n", "class OrderManager {\n",
                     '"/ho' 'me/me/x"\n'):
            self.assertEqual(self.refused("libs/base/x.cc", text), 1, text)
        self.assertEqual(self.refused("libs/base/x.h", "int x;\n"), 1)
        self.assertEqual(self.refused("libs/base/string_util.cc", "int x;\n"), 1)
        self.assertEqual(self.refused("libs/base/x.cc", "int x;\n" * 601), 1)
        self.assertEqual(self.refused("tools/x", "#!/bin/bash\n# " + "x" * 120 + "\n"), 1)

    def test_every_source_is_in_a_target(self):
        listing = {"libs/base/CMakeLists.txt": "souk_library(base SRCS hash.cc sub/deep.cc)"}
        self.assertFalse(style_test.check_targets(["libs/base/hash.cc", "libs/base/sub/deep.cc"], listing))
        self.assertTrue(style_test.check_targets(["libs/base/ash.cc"], listing))
        self.assertTrue(style_test.check_targets(["libs/base/hash_test.cc"], listing))

    def test_links_lead_somewhere(self):
        text = "[a](b.md) [c](../d.md#x) [e](https://f) [g](#h)\n```\n[i](j)\n```\n"
        self.assertFalse(style_test.check_links("docs/x.md", text, {"docs/b.md", "d.md"}.__contains__))
        self.assertEqual(len(style_test.check_links("docs/x.md", text, {"d.md"}.__contains__)), 1)

    def test_every_folder_has_a_readme(self):
        self.assertFalse(style_test.check_folders(["libs/base/x.h", "libs/base/README.md"]))
        self.assertTrue(style_test.check_folders(["libs/base/x.h"]))

    def test_packages_are_explained(self):
        install = "packages=(\n  # Build.\n  cmake ccache\n)\n"
        table = "| package |\n|---|\n| `cmake` `ccache` | why `not-a-package` |\n"
        self.assertFalse(style_test.check_packages(install, table))
        self.assertEqual(len(style_test.check_packages(install, table.replace("`ccache`", "`mold`"))), 2)
        self.assertEqual(len(style_test.check_packages(install, table, "# Why.\nduckdb==1.4.5\n")), 1)
        self.assertEqual(len(style_test.check_packages(install, table, "", "an_envoy=1.40.0\n")), 1)


class ProtoLint(unittest.TestCase):
    def problems(self, old="", new="", path="proto/souk/order/v1/order_service.proto"):
        self.assertIn(old, GOOD_PROTO)
        return proto_lint_test.check(path, GOOD_PROTO.replace(old, new, 1) if old else GOOD_PROTO)

    def test_a_good_file_passes(self):
        self.assertEqual(self.problems(), [])

    def test_what_is_refused(self):
        for old, new in (
                ("// The order.\n", "\n"), ("// Takes orders.", "// takes orders"), ("  // What it is about.\n", ""),
                ("// It is over.", ""), ("  // Cancels an order.\n", ""), ("// Asks for it.\n", ""),
                ("package souk.order.v1", "package souk.orders.v1"),
                ("(CancelOrderResponse)", "(CancelOrderRequest)"), ("string request_id", "string request"),
                ("want_time", "wanted"), ("order_id", "orderId"), ("other = 4", "other = 3"),
                ("other = 4", "other = 10"), ("other = 4", "old_name = 4"), ("STATE_CANCELLED", "CANCELLED"),
                ("STATE_UNSPECIFIED", "STATE_NONE"), ("STATE_UNSPECIFIED = 0", "STATE_UNSPECIFIED = 2")):
            self.assertEqual(len(self.problems(old, new)), 1, (old, new))
        self.assertTrue(self.problems("enum State", "enum Status"))

    def test_events_have_no_maps(self):
        events = "proto/souk/order/v1/order_events.proto"
        self.assertEqual(len(self.problems("string order_id", "map<string, string> order_id", events)), 1)


if __name__ == "__main__":
    unittest.main()
