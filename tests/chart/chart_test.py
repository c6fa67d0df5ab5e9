#!/usr/bin/python3
"""What the Helm chart promises: helm and Kubernetes' schemas accept it, its settings are the services',
its pods are restricted, and its Envoys do what it is there for, tried with the real ones.

usage: chart_test.py BIN_DIR
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/gateway"), str(ROOT / "deploy"), str(ROOT / "tools")]

import chart_settings  # pylint: disable=wrong-import-position
from free_ports import free_ports  # pylint: disable=wrong-import-position
from gateway import Store, token  # pylint: disable=wrong-import-position

BIN_DIR = Path(sys.argv.pop(1))
CHART = ROOT / "deploy/chart"
KUBERNETES = "1.34.0"
SERVICES = ("catalog", "cart", "order", "payment", "shipping", "notification")
JWKS = (ROOT / "deploy/gateway/development_jwks.json").read_text(encoding="utf-8")
VALUES = {
    "gateway": {"jwks": JWKS, "corsOrigins": ["https://shop.example"]},
    "kafka": {"enabled": True, "clusterId": "MkU3OEVBNTcwNTJENDM2Qk"},
    "settings": {"order": {"stock_hold": "10m"}, "payment": {"commission_basis_points": 900},
                 "engine": {"writer_threads": True}, "log": {"level": "warning"}},
    "secretSettings": "mail-server",
    "services": {"order": {"resources": {"limits": {"memory": "2Gi"}}, "storage": {"size": "20Gi"}}},
}
READY_TIMEOUT_S = 60


def tool(name):
    return subprocess.run([ROOT / "tools/tool", name], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def helm(command, values, *arguments):
    return subprocess.run([tool("helm"), *command, CHART, "--kube-version", KUBERNETES, "-f", "-", *arguments],
                          input=json.dumps(values), capture_output=True, text=True, check=False)


def render(values, *arguments):
    done = helm(["template", "souk"], values, *arguments)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


class ChartTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = render(VALUES)
        cls.resources = [resource for resource in yaml.safe_load_all(cls.text) if resource]

    def of_kind(self, kind):
        return {resource["metadata"]["name"]: resource for resource in self.resources if resource["kind"] == kind}

    def pods(self):
        for kind in ("StatefulSet", "Deployment"):
            for name, resource in self.of_kind(kind).items():
                yield name, resource["spec"]["template"]["spec"]

    def test_helm_lint_has_nothing_to_say(self):
        done = helm(["lint", "--strict"], VALUES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def validate(self, text):
        schemas = tool("kubernetes-schemas") + "/{{ .ResourceKind }}{{ .KindSuffix }}.json"
        return subprocess.run([tool("kubeconform"), "-strict", "-summary", "-schema-location", schemas], input=text,
                              capture_output=True, text=True, check=False)

    def test_kubernetes_knows_every_field(self):
        for text in (self.text, render({"gateway": {"enabled": False}, "networkPolicy": {"enabled": False}})):
            done = self.validate(text)
            self.assertEqual(done.returncode, 0, done.stdout)
        done = self.validate(self.text.replace("enableServiceLinks:", "enableServicesLinks:"))
        self.assertNotEqual(done.returncode, 0)

    def test_a_value_that_is_wrong_is_refused_by_name(self):
        for wrong, named in (({"settings": {"order": {"stock_hlod": "1m"}}}, "stock_hlod"),
                             ({"settings": {"order": {"stock_hold": "soon"}}}, "stock_hold"),
                             ({"settings": {"payment": {"commission_basis_points": "8"}}}, "commission_basis_points"),
                             ({"services": {"orders": {}}}, "orders"), ({"replicas": 2}, "replicas"),
                             ({"kafka": {"replicas": 2}}, "replicas")):
            done = helm(["template", "souk"], {**VALUES, **wrong})
            self.assertNotEqual(done.returncode, 0, wrong)
            self.assertIn(named, done.stderr)
        done = helm(["template", "souk"], {})
        self.assertIn("gateway.jwks is missing", done.stderr)

    def test_the_schema_has_the_settings_that_the_services_have(self):
        current = chart_settings.SCHEMA.read_text(encoding="utf-8")
        self.assertEqual(current, chart_settings.schema_with(chart_settings.settings_of(BIN_DIR)),
                         "run deploy/chart_settings.py")

    def test_each_service_accepts_the_settings_it_is_given(self):
        for service in SERVICES:
            with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(self.of_kind("ConfigMap")[f"souk-{service}"]["data"]["souk.toml"])
                file.flush()
                done = subprocess.run([BIN_DIR / f"souk-{service}", "--config", file.name, "--print-config"],
                                      capture_output=True, text=True, check=False, env={})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn('level = "warning"', done.stdout)
            self.assertIn('brokers = "souk-kafka:9092"', done.stdout)
            self.assertEqual('stock_hold = "10m"' in done.stdout, service == "order")

    def test_pods_are_restricted(self):
        found = 0
        for name, pod in self.pods():
            self.assertFalse(pod["automountServiceAccountToken"], name)
            self.assertTrue(pod["securityContext"]["runAsNonRoot"], name)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"}, name)
            self.assertLessEqual({next(iter(set(volume) - {"name"})) for volume in pod["volumes"]},
                                 {"configMap", "secret", "emptyDir"})
            for container in pod.get("initContainers", []) + pod["containers"]:
                security = container["securityContext"]
                self.assertFalse(security["allowPrivilegeEscalation"], name)
                self.assertTrue(security["readOnlyRootFilesystem"], name)
                self.assertEqual(security["capabilities"], {"drop": ["ALL"]}, name)
                self.assertIn("memory", container["resources"]["limits"], name)
                found += 1
        self.assertEqual(found, 2 * len(SERVICES) + 2 + 1)

    def test_each_service_has_one_writer_a_volume_and_a_budget(self):
        for service in SERVICES:
            stateful_set = self.of_kind("StatefulSet")[f"souk-{service}"]["spec"]
            self.assertEqual(stateful_set["replicas"], 1)
            claim, = stateful_set["volumeClaimTemplates"]
            self.assertEqual(claim["spec"]["accessModes"], ["ReadWriteOncePod"])
            container, = stateful_set["template"]["spec"]["containers"]
            self.assertEqual({kind for kind in container if kind.endswith("Probe")},
                             {"startupProbe", "readinessProbe", "livenessProbe"})
            self.assertIn("grpc", container["readinessProbe"])
            self.assertEqual(self.of_kind("PodDisruptionBudget")[f"souk-{service}"]["spec"]["maxUnavailable"], 1)
        order = self.of_kind("StatefulSet")["souk-order"]["spec"]
        self.assertEqual(order["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"], "20Gi")
        self.assertEqual(order["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"], "2Gi")

    def test_alerts_are_there_if_wanted(self):
        self.assertNotIn("PrometheusRule", render(VALUES))
        rules = [resource for resource in yaml.safe_load_all(
            render({**VALUES, "alerts": {"enabled": True, "labels": {"release": "prometheus"}}}))
            if resource and resource["kind"] == "PrometheusRule"]
        self.assertEqual(len(rules), 1)
        self.assertEqual(rules[0]["metadata"]["labels"]["release"], "prometheus")
        with open(CHART / "prometheus/alerts.yaml", encoding="utf-8") as file:
            self.assertEqual(rules[0]["spec"], yaml.safe_load(file))

    def test_secrets_are_no_settings(self):
        self.assertNotIn("password", json.dumps(chart_settings.settings_of(BIN_DIR)))
        container = self.of_kind("StatefulSet")["souk-notification"]["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["envFrom"], [{"secretRef": {"name": "mail-server"}}])

    def test_a_given_certificate_replaces_the_made_one(self):
        text = render({**VALUES, "mesh": {"existingSecret": "ours"}})
        self.assertNotIn("kind: Secret", text)
        self.assertIn("secretName: ours", text)
        self.assertIn("souk-mesh", self.of_kind("Secret"))

    def test_envoy_accepts_what_it_is_given(self):
        with tempfile.TemporaryDirectory(prefix="souk-chart.") as folder:
            mesh = Mesh(self, folder)
            for service in SERVICES:
                mesh.validate(self.of_kind("ConfigMap")["souk-mesh"]["data"][f"{service}.yaml"])
            mesh.validate(self.of_kind("ConfigMap")["souk-gateway"]["data"]["envoy.yaml"])


class Mesh:
    """The chart's Envoys on this machine: their files in a folder, and ports of our own for theirs."""

    def __init__(self, chart, folder):
        self.folder = folder
        self.envoys = []
        for name, content in chart.of_kind("Secret")["souk-mesh"]["data"].items():
            Path(folder, name).write_bytes(base64.b64decode(content))
        Path(folder, "jwks.json").write_text(chart.of_kind("ConfigMap")["souk-gateway"]["data"]["jwks.json"],
                                             encoding="utf-8")
        schema = BIN_DIR.parent / "share/souk/gateway.binpb"
        Path(folder, "gateway.binpb").write_bytes(schema.read_bytes())

    def config(self, text, move):
        """The configuration with other folders, and with each address as `move` says."""
        for folder in ("/etc/souk/mesh", "/etc/souk/gateway"):
            text = text.replace(folder, self.folder)
        config = yaml.safe_load(text)

        def walk(node):
            if isinstance(node, dict) and "socket_address" in node:
                at = node["socket_address"]
                at["address"], at["port_value"] = move(at["address"], at["port_value"])
            for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
                walk(child)

        walk(config)
        file = Path(self.folder, f"envoy-{len(os.listdir(self.folder))}.json")
        file.write_text(json.dumps(config), encoding="utf-8")
        return file

    def validate(self, text):
        done = subprocess.run([tool("envoy"), "--mode", "validate", "-c",
                               self.config(text, lambda address, port: (address, port))],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr[-3000:])

    def start(self, text, move):
        file = self.config(text, move)
        with open(f"{file}.log", "wb") as log:
            self.envoys.append(subprocess.Popen([tool("envoy"), "-c", file, "--disable-hot-restart", "--concurrency",
                                                 "1", "--log-level", "warning"], stdout=log, stderr=log))

    def stop(self):
        for envoy in self.envoys:
            envoy.terminate()
            envoy.wait(timeout=60)


class MeshTest(unittest.TestCase):
    """A request goes through the chart's gateway, over the mesh, to a store on loopback."""

    @classmethod
    def setUpClass(cls):
        chart = ChartTest()
        chart.resources = [resource for resource in yaml.safe_load_all(render(VALUES)) if resource]
        store = cls.enterClassContext(Store(str(BIN_DIR)))
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="souk-chart."))
        cls.mesh_port, cls.health_port, cls.gateway_port = free_ports(3)
        cls.mesh = Mesh(chart, cls.folder)
        cls.addClassCleanup(cls.mesh.stop)
        configs = chart.of_kind("ConfigMap")

        def beside_the_store(address, port):
            if (address, port) == ("127.0.0.1", 7403):
                return "127.0.0.1", store.port
            ours = {8443: cls.mesh_port, 8081: cls.health_port}
            return "127.0.0.1", ours.get(port) or free_ports(1)[0] if address in ("0.0.0.0", "127.0.0.1") else 1

        def before_all(_, port):
            return "127.0.0.1", cls.gateway_port if port == 8080 else cls.mesh_port

        cls.mesh.start(configs["souk-mesh"]["data"]["order.yaml"], beside_the_store)
        cls.mesh.start(configs["souk-gateway"]["data"]["envoy.yaml"], before_all)

    @staticmethod
    def curl(*arguments, wait=False):
        """Runs curl; with `wait`, again until it succeeds, for the Envoys are starting."""
        deadline = time.monotonic() + (READY_TIMEOUT_S if wait else 0)
        while True:
            done = subprocess.run(["curl", "-sS", "--max-time", "30", *arguments], capture_output=True, text=True,
                                  check=False)
            if done.returncode == 0 or time.monotonic() > deadline:
                return done
            time.sleep(0.1)

    def test_a_frontends_request_reaches_a_service(self):
        url = f"http://127.0.0.1:{self.gateway_port}"
        done = self.curl("--fail", "-H", f"authorization: Bearer {token('buyer/anna')}", f"{url}/v1/orders", wait=True)
        self.assertEqual(done.stdout, '{"orders":[],"nextPageToken":""}', done.stderr)

    def test_the_mesh_is_closed_to_whoever_has_no_certificate(self):
        certificate = ["--cert", f"{self.folder}/tls.crt", "--key", f"{self.folder}/tls.key"]
        mine = ["--cacert", f"{self.folder}/ca.crt", "--connect-to", f"::127.0.0.1:{self.mesh_port}"]
        url = f"https://mesh.souk.internal:{self.mesh_port}/souk.order.v1.OrderService/ListOrders"
        grpc = ["--fail", "-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "x", url]
        self.assertEqual(self.curl(*certificate, *mine, *grpc, wait=True).returncode, 0)
        self.assertNotEqual(self.curl(*mine, *grpc).returncode, 0)

    def test_the_kubelet_may_ask_for_health_and_for_nothing_else(self):
        grpcurl = [tool("grpcurl"), "-plaintext", "-import-path", ROOT / "proto"]
        health = [*grpcurl, "-connect-timeout", str(READY_TIMEOUT_S), "-proto", "grpc/health/v1/health.proto",
                  f"127.0.0.1:{self.health_port}", "grpc.health.v1.Health/Check"]
        done = subprocess.run(health, capture_output=True, text=True, check=False)
        self.assertIn("SERVING", done.stdout, done.stderr)
        other = [*grpcurl, "-import-path", "/usr/share/gocode/src/github.com/gogo/googleapis", "-H",
                 "x-souk-principal: operator/x", "-proto", "souk/order/v1/order_service.proto",
                 f"127.0.0.1:{self.health_port}", "souk.order.v1.OrderService/ListOrders"]
        done = subprocess.run(other, capture_output=True, text=True, check=False)
        self.assertIn("Unimplemented", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
