#!/usr/bin/env python3
"""Who may include what: libs only the libs below them, services no other service, each third-party
package only where it is at home, and business code nothing that is not deterministic."""

import re
from pathlib import PurePath

import repo

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
SERVICES = ("catalog", "cart", "order", "payment", "shipping", "notification")

# Where each third-party package may be used; docs/dependencies.md explains.
CONFINED = {
    r"rocksdb/": ("libs/storage",),
    r"librdkafka/": ("libs/kafka",),
    r"grpc/|grpcpp/|grpc\+\+/": ("libs/rpc",),
    r"spdlog/|fmt/": ("libs/telemetry",),
    r"prometheus/": ("libs/telemetry",),
    r"opentelemetry/": ("libs/telemetry",),
    r"toml\+\+|toml\.hpp": ("libs/config",),
    r"CLI/": ("libs/cli",),
    r"openssl/": ("libs/backup", "libs/base", "libs/eventstore", "libs/eventsourcing", "libs/module"),
    r"curl/": ("services/notification",),
    r"kainjow/": ("services/notification",),
    r"nlohmann/": ("tools", "tests"),
    r"catch2/": ("libs/testing", "tests"),
}

# Business code and the engine get time, randomness, threads, files and the network from outside, so
# that a simulation of the whole system can be repeated from one seed.
NOT_DETERMINISTIC = [
    (re.compile(r'#\s*include\s+[<"](thread|mutex|shared_mutex|condition_variable|future|semaphore|chrono|random|'
                r'ctime|fstream|filesystem|unistd\.h|fcntl\.h|sys/\w+\.h|netdb\.h|netinet/\w+\.h|arpa/inet\.h|'
                r'poll\.h|curl/curl\.h|openssl/rand\.h|absl/time/clock\.h)[>"]'), "includes"),
    (re.compile(r"\b(absl::Now|std::chrono|std::thread|std::rand|std::random_device|std::getenv|std::fopen|"
                r"SystemClock|RandomIds)\b"), "uses"),
]
DETERMINISTIC_LIBS = ("libs/eventsourcing", "libs/eventstore", "libs/messaging")
# Files whose very purpose is to touch the outside world: everything in them is behind an interface.
ADAPTERS = {
    "libs/eventstore/subject_keys.cc",  # Random keys.
    "services/catalog/media_folder.cc",
    "services/notification/mail_folder.cc",
    "services/notification/smtp_mailer.cc",
    "services/payment/sandbox_provider.cc",
    "services/payment/sandbox_provider.h",
}


def may_use(cmake_text):
    """{"rpc": {"base", ...}} as cmake/SoukTargets.cmake has it."""
    return {name: set(libs.replace('"', "").split())
            for name, libs in re.findall(r"^set\(SOUK_MAY_USE_(\w+)\s+([^)]*)\)", cmake_text, re.MULTILINE)}


def is_test(path):
    return path.endswith(("_test.cc", "_fixture.h", "_fixture.cc")) or path.startswith(("tests/", "libs/testing/"))


def check_layers(path, header, allowed):
    """What is wrong with `path` including our own `header`, or None."""
    parts, included = PurePath(path).parts, PurePath(header).parts
    if included[0] == "tests" and parts[0] != "tests":
        return "only tests include tests/"
    if parts[0] == "libs":
        lib = parts[1]
        if included[0] == "services":
            return "libs include no services"
        if included[0] == "souk" and included[1] in SERVICES:
            return "libs do not know the protos of services"
        if included[0] == "libs" and included[1] != lib and not is_test(path):
            if included[1] not in allowed.get(lib, set()):
                return f"libs/{lib} may not use libs/{included[1]}: see cmake/SoukTargets.cmake"
    if parts[0] == "services":
        service = parts[1]
        if included[0] == "services" and included[1] != service:
            if service != "standalone" or included[-1] != "module.h":
                return f"services/{service} talks to {included[1]} through protos only"
        if included[:2] == ("libs", "testing") and not is_test(path):
            return "only tests include libs/testing"
        if included[0] == "souk" and included[1] in SERVICES and included[1] != service:
            if included[2] != "events" and included[-1].endswith("_events.pb.h"):
                return f"the stored events of {included[1]} are its own; use souk/{included[1]}/events/v1"
    return None


def check_third_party(path, header):
    for pattern, homes in CONFINED.items():
        if not re.match(pattern, header):
            continue
        if pattern == r"catch2/" and is_test(path):
            return None
        if not any(path.startswith(home + "/") for home in homes):
            return f"{header} is at home in {', '.join(homes)} only"
    return None


def must_be_deterministic(path):
    if is_test(path) or path in ADAPTERS:
        return False
    if path.startswith(DETERMINISTIC_LIBS):
        return True
    return path.startswith("services/") and PurePath(path).name not in ("main.cc", "module.cc")


def check(path, text, allowed):
    violations = []
    for match in INCLUDE.finditer(text):
        header = match.group(1)
        line = text.count("\n", 0, match.start(1)) + 1
        for problem in (check_layers(path, header, allowed), check_third_party(path, header)):
            if problem:
                violations.append(f"{path}:{line}: {problem}")
    if must_be_deterministic(path):
        for number, line in enumerate(text.splitlines(), 1):
            code = line.split("//")[0]
            for pattern, verb in NOT_DETERMINISTIC:
                found = pattern.search(code)
                if found:
                    violations.append(f"{path}:{number}: {verb} {found.group(1)}: take it from outside (a Clock, "
                                      "a Scheduler, ids, an interface) so that the simulator can")
    return violations


def main():
    allowed = may_use(repo.read("cmake/SoukTargets.cmake"))
    sources = [path for path in repo.files() if path.endswith((".h", ".cc"))]
    repo.finish([problem for path in sources for problem in check(path, repo.read(path), allowed)], len(sources))


if __name__ == "__main__":
    main()
