#!/usr/bin/python3
"""Puts HTTP rules into a descriptor set.

usage: annotate.py API.binpb HTTP_RULES.yaml OUTPUT.binpb
Each rule becomes the option google.api.http of its RPC, as if it were written in the .proto, so that
the services' protos and their generated code need to know nothing of HTTP. A rule for an RPC that is
not there, or that names a field its request has not, is an error.
"""

import re
import sys

import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

HTTP_OPTION = 72295728  # Of the extension google.api.http in google/api/annotations.proto.
LENGTH_DELIMITED = 2


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def rule_class(files):
    """google.api.HttpRule, as the descriptor set has it."""
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("google.api.HttpRule"))


def messages_of(files):
    return {f".{file.package}.{message.name}": message for file in files.file for message in file.message_type}


def methods_of(files):
    return {f"{file.package}.{service.name}.{method.name}": method
            for file in files.file for service in file.service for method in service.method}


def paths_of(rule):
    """The path templates of a rule and of its additional bindings."""
    for verb in ("get", "put", "post", "delete", "patch"):
        if verb in rule:
            yield rule[verb]
    for binding in rule.get("additional_bindings", []):
        yield from paths_of(binding)


def annotate(files, rules):
    """Adds the rules to the descriptor set; returns what is wrong with them."""
    http_rule = rule_class(files)
    messages, methods = messages_of(files), methods_of(files)
    problems = []
    for rule in rules:
        selector = rule["selector"]
        method = methods.get(selector)
        if method is None:
            problems.append(f"there is no RPC {selector}")
            continue
        if method.options.ByteSize():
            problems.append(f"{selector} has two rules")
            continue
        fields = {field.name for field in messages[method.input_type].field}
        for path in paths_of(rule):
            problems += [f"{method.input_type} has no field {name}, which {path} names"
                         for name in re.findall(r"{(\w+)", path) if name not in fields]
        content = {key: value for key, value in rule.items() if key != "selector"}
        encoded = json_format.ParseDict(content, http_rule()).SerializeToString()
        method.options.MergeFromString(varint(HTTP_OPTION << 3 | LENGTH_DELIMITED) + varint(len(encoded)) + encoded)
    return problems


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    api, rules, output = sys.argv[1:]
    files = descriptor_pb2.FileDescriptorSet()
    with open(api, "rb") as file:
        files.ParseFromString(file.read())
    with open(rules, encoding="utf-8") as file:
        problems = annotate(files, yaml.safe_load(file)["http"]["rules"])
    if problems:
        sys.exit("\n".join(f"{rules}: {problem}" for problem in problems))
    for file in files.file:
        file.ClearField("source_code_info")
    with open(output, "wb") as file:
        file.write(files.SerializeToString())


if __name__ == "__main__":
    main()
