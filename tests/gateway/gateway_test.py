#!/usr/bin/python3
"""What the gateway promises to frontends, tried with the real Envoy, curl and grpcurl.

usage: gateway_test.py BIN_DIR
"""

import base64
import http.client
import importlib.machinery
import importlib.util
import json
import re
import sys
import unittest
import uuid

import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from gateway import ROOT, Gateway, Store, token

BIN_DIR = sys.argv.pop(1)
SCHEMA = ROOT / "build" / Gateway(BIN_DIR, "").preset / "share/souk/gateway.binpb"
CART = "souk.cart.v1.CartService"


def new_id():
    return str(uuid.uuid4())


def schema():
    files = descriptor_pb2.FileDescriptorSet()
    files.ParseFromString(SCHEMA.read_bytes())
    return files


def message(name):
    """A new message of our protos, made from the descriptor set as a client in any language could."""
    pool = descriptor_pool.DescriptorPool()
    for file in schema().file:
        pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(name))()


class GatewayTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = cls.enterClassContext(Store(BIN_DIR))
        cls.gateway = cls.enterClassContext(Gateway(BIN_DIR, cls.store.address))

    def connect(self):
        connection = http.client.HTTPConnection(self.gateway.address, timeout=60)
        self.addCleanup(connection.close)
        return connection

    def new_cart(self, principal):
        status, answer = self.gateway.curl("/v1/carts", {"requestId": new_id()}, principal)
        self.assertEqual(status, 200, answer)
        return answer["cart"]["cartId"]

    # Who calls.

    def test_a_token_says_who_calls(self):
        status, answer = self.gateway.curl("/v1/carts", {"requestId": new_id()}, "buyer/anna")
        self.assertEqual((status, answer["cart"]["buyerId"]), (200, "anna"))

    def test_no_header_says_who_calls(self):
        cart = self.new_cart("buyer/anna")
        forged = "x-souk-principal: buyer/anna"
        for headers in ([forged], [forged, forged.upper()], ["X-Souk-Principal: buyer/anna", forged]):
            self.assertEqual(self.gateway.curl(f"/v1/carts/{cart}", headers=headers)[0], 404)
        # Not beside a token of one's own either.
        status, _ = self.gateway.curl(f"/v1/carts/{cart}", principal="buyer/berta", headers=[forged])
        self.assertEqual(status, 404)
        code, printed = self.gateway.grpcurl(f"{CART}/GetCart", {"cart_id": cart}, "-H", forged)
        self.assertNotEqual(code, 0)
        self.assertIn("NotFound", printed)

    def test_without_a_token_one_is_a_guest_who_may_look_around(self):
        self.assertEqual(self.gateway.curl("/v1/products:search?text=cup")[0], 200)
        status, answer = self.gateway.curl("/v1/carts", {"requestId": new_id()})
        self.assertEqual((status, answer["details"][0]["reason"]), (401, "GUEST_TOKEN_REQUIRED"))
        status, answer = self.gateway.curl("/v1/carts", {"requestId": new_id()}, "guest/t-1")
        self.assertEqual(status, 200)
        cart = answer["cart"]
        self.assertRegex(cart["buyerId"], "^guest:[0-9a-f]{32}$")  # Which sellers may see.
        self.assertEqual(self.gateway.curl(f"/v1/carts/{cart['cartId']}", principal="guest/t-1")[0], 200)
        for no_token in (cart["buyerId"].replace(":", "/"), "guest/t-2", "buyer/t-1"):
            self.assertEqual(self.gateway.curl(f"/v1/carts/{cart['cartId']}", principal=no_token)[0], 404)
        # Nobody takes a guest's name.
        self.assertEqual(self.gateway.curl(f"/v1/carts/{cart['cartId']}", principal=f"buyer/{cart['buyerId']}")[0], 400)

    def test_a_token_that_is_forged_or_late_or_for_others_is_refused(self):
        header, claims, signature = token("buyer/anna").split(".")

        def encode(content):
            return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

        operator = {"souk_principal": "operator/x", "exp": 2**40}
        for bad, refused in ((f"{header}.{encode(operator | {'aud': 'souk'})}.{signature}", (401, 16)),
                             (f"{encode({'alg': 'none'})}.{claims}.{signature}", (401, 16)),
                             (token("buyer/anna", hours=-1), (401, 16)),
                             (f"{header}.{encode(operator | {'aud': 'elsewhere'})}.{signature}", (403, 7))):
            status, answer = self.gateway.curl("/v1/carts", headers=[f"authorization: Bearer {bad}"])
            self.assertEqual((status, answer["code"]), refused, answer)

    def test_nobody_becomes_a_service(self):
        loader = importlib.machinery.SourceFileLoader("gateway_tool", str(ROOT / "tools/gateway"))
        tool = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(tool)
        header = f"authorization: Bearer {tool.make_token('service/order', hours=1)}"
        status, answer = self.gateway.curl("/v1/products:search?text=cup", headers=[header])
        self.assertEqual((status, answer["code"]), (403, 7))

    # What can be reached.

    def test_what_services_and_operators_tell_each_other_is_not_served(self):
        bearer = {"authorization": f"Bearer {token('operator/x')}"}
        connection = self.connect()
        for path in ("/souk.admin.v1.AdminService/GetTime", "/souk.eventlog.v1.EventLogService/ReadEvents",
                     "/souk.catalog.v1.CatalogInternalService/HoldStock", "/grpc.health.v1.Health/Check"):
            connection.request("POST", path, body=b"", headers=bearer)
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.status, 404, path)

    def test_each_rpc_has_a_rule_but_those_that_are_for_services_only(self):
        services_only = set()
        for path in (ROOT / "proto/souk").glob("*/v1/*_service.proto"):
            text = path.read_text(encoding="utf-8")
            package = re.search(r"^package (\S+);", text, re.MULTILINE).group(1)
            for service, body in re.findall(r"^service (\w+) {(.*?)^}", text, re.MULTILINE | re.DOTALL):
                for comment, rpc in re.findall(r"((?: *//[^\n]*\n)+) *rpc (\w+)", body):
                    if "Services only." in comment:
                        services_only.add(f"{package}.{service}.{rpc}")
        self.assertIn(f"{CART}.FreezeCart", services_only)
        served = {service for service in
                  re.findall(r"- (souk\.\S+Service)$", self.connection_manager(), re.MULTILINE)}
        rules = yaml.safe_load((ROOT / "deploy/gateway/http_rules.yaml").read_text(encoding="utf-8"))
        ruled = {rule["selector"] for rule in rules["http"]["rules"]}
        rpcs = {f"{file.package}.{service.name}.{method.name}"
                for file in schema().file for service in file.service for method in service.method
                if f"{file.package}.{service.name}" in served}
        # The provider's webhooks come to the service itself.
        self.assertEqual(rpcs - ruled - services_only, {"souk.payment.v1.PaymentService.ReceiveProviderEvent",
                                                        "souk.shipping.v1.ShippingService.GetQuote"})
        self.assertEqual(ruled & services_only, set())
        self.assertEqual(ruled - rpcs, set())

    @staticmethod
    def connection_manager():
        return (ROOT / "deploy/chart/gateway/http.yaml").read_text(encoding="utf-8")

    # How it is answered.

    def test_a_repeated_request_has_one_effect(self):
        request = {"requestId": new_id()}
        first = self.gateway.curl("/v1/carts", request, "buyer/rosa")
        self.assertEqual(first, self.gateway.curl("/v1/carts", request, "buyer/rosa"))
        carts = self.gateway.curl("/v1/carts", principal="buyer/rosa")[1]["carts"]
        self.assertEqual([cart["cartId"] for cart in carts], [first[1]["cart"]["cartId"]])

    def test_errors_in_json_are_a_google_rpc_status(self):
        request = {"requestId": new_id(), "sellerId": "mori", "shopName": "Mori", "contactEmail": "nowhere"}
        status, answer = self.gateway.curl("/v1/sellers", request, "seller/mori")
        self.assertEqual((status, answer["code"]), (400, 3))
        fields = [violation["field"] for detail in answer["details"]
                  for violation in detail.get("fieldViolations", ())]
        self.assertEqual(sorted(fields), ["contact_email", "contact_name"])
        # The gateway's own have the same form.
        for path, body, status, code in (("/v1/nothing", None, 404, 5), ("/v1/products:search?txt=x", None, 400, 3),
                                         ("/v1/carts", {"requestId": 7}, 400, 3)):
            got, answer = self.gateway.curl(path, body, "buyer/anna")
            self.assertEqual((got, answer["code"]), (status, code), path)
            self.assertTrue(answer["message"])

    def test_grpc_passes_through(self):
        cart = self.new_cart("buyer/anna")
        code, printed = self.gateway.grpcurl(f"{CART}/GetCart", {"cart_id": cart}, "-H",
                                             f"authorization: Bearer {token('buyer/anna')}")
        self.assertEqual((code, json.loads(printed)["cart"]["cartId"]), (0, cart))

    def grpc_web(self, method, request, response, headers=()):
        """Calls as a browser does: a POST over HTTP/1.1 with framed messages, trailers in the body."""
        connection = self.connect()
        body = request.SerializeToString()
        connection.request("POST", method, body=b"\0" + len(body).to_bytes(4, "big") + body,
                           headers={"content-type": "application/grpc-web+proto", "x-grpc-web": "1", **dict(headers)})
        answer = connection.getresponse()
        content, messages, trailers = answer.read(), [], dict(answer.getheaders())
        while content:
            flags, length = content[0], int.from_bytes(content[1:5], "big")
            frame, content = content[5:5 + length], content[5 + length:]
            if flags & 0x80:
                trailers.update(line.split(":", 1) for line in frame.decode().strip().split("\r\n"))
            else:
                messages.append(type(response).FromString(frame))
        return messages, trailers

    def test_grpc_web_works_as_in_a_browser(self):
        cart = self.new_cart("buyer/anna")
        request = message("souk.cart.v1.GetCartRequest")
        request.cart_id = cart
        response = message("souk.cart.v1.GetCartResponse")
        bearer = {"authorization": f"Bearer {token('buyer/anna')}"}
        messages, trailers = self.grpc_web(f"/{CART}/GetCart", request, response, bearer.items())
        self.assertEqual(([one.cart.cart_id for one in messages], trailers["grpc-status"]), ([cart], "0"))
        messages, trailers = self.grpc_web(f"/{CART}/GetCart", request, response)
        self.assertEqual((messages, trailers["grpc-status"]), ([], "5"))

    def test_pages_of_other_origins_get_no_leave(self):
        connection = self.connect()
        ours = "http://localhost:5173"
        for origin, allowed in ((ours, ours), ("https://elsewhere.example", None)):
            connection.request("OPTIONS", f"/{CART}/GetCart", headers={
                "origin": origin, "access-control-request-method": "POST",
                "access-control-request-headers": "content-type,x-grpc-web,authorization"})
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.getheader("access-control-allow-origin"), allowed)


class LifeTest(unittest.TestCase):
    def test_a_store_that_is_away_is_unavailable_and_back_again(self):
        with Store(BIN_DIR) as store, Gateway(BIN_DIR, store.address) as gateway:
            self.assertEqual(gateway.curl("/v1/products:search?text=cup")[0], 200)
            store.stop()
            status, answer = gateway.curl("/v1/products:search?text=cup")
            self.assertEqual((status, answer["code"]), (503, 14))
            store.start()
            self.assertEqual(gateway.curl("/v1/products:search?text=cup")[0], 200)
            self.assertEqual(gateway.stop(), 0)

    def test_the_development_keys_are_for_this_machine_only(self):
        gateway = Gateway(BIN_DIR, "127.0.0.1:1", ["--listen", "0.0.0.0:0"])
        with self.assertRaises(AssertionError):
            gateway.start()
        self.assertEqual(gateway.process.returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
