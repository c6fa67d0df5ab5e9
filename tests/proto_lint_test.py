#!/usr/bin/env python3
"""What our protocol buffers promise: every element explained, names and packages by one scheme, each RPC
its own request and response, and events that have one byte form."""

import re
from pathlib import PurePath

import repo

TOKEN = re.compile(r'(?P<comment>//[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[\w.]+)|(?P<mark>[^\s\w])')
QUERIES = ("Get", "List", "Search", "Read", "Watch", "Download", "Preview", "Verify", "Check", "Quote", "Find",
           "Compare")


# Changes that need no request_id of their own, and why.
WITHOUT_REQUEST_ID = {
    "AdvanceTime",  # Moves the clock of a development store; nothing is recorded.
    "MoveClock",  # The same, of one process; the time that it names is where it ends.
    "Settle",  # Only waits.
    "RetryDeadLetters",  # What the events cause has ids derived from them.
    "SkipDeadLetter",  # There is nothing left to skip then.
    "ReceiveProviderEvent",  # The provider's event_id plays the part.
}


class Element:
    """A declaration: kind ("message", "field", "rpc", ...), name, line, words, comment, children."""

    def __init__(self, kind, name, line, words, comment):
        self.kind, self.name, self.line, self.words, self.comment = kind, name, line, words, comment
        self.children = []

    def all(self, kind):
        for child in self.children:
            if child.kind == kind:
                yield child
            yield from child.all(kind)


def tokens_of(text):
    for match in TOKEN.finditer(text):
        yield match.lastgroup, match.group(), text.count("\n", 0, match.start()) + 1


def parse(text):
    """The file as an Element of kind "file"."""
    tokens = list(tokens_of(text))
    comment_lines = {line: value for kind, value, line in tokens if kind == "comment"}
    code = [(value, line) for kind, value, line in tokens if kind != "comment"]
    code_lines = {line for _, line in code}

    def comment_above(line):
        words = []
        above = line - 1
        while above in comment_lines and above not in code_lines:
            words.insert(0, comment_lines[above].lstrip("/ "))
            above -= 1
        if not words and line in comment_lines:  # Behind the declaration.
            words.append(comment_lines[line].lstrip("/ "))
        return " ".join(words)

    root = Element("file", "", 1, [], "")
    position = 0

    def parse_block(parent):
        nonlocal position
        while position < len(code):
            value, line = code[position]
            if value == "}":
                position += 1
                return
            if value == ";":
                position += 1
                continue
            words = []
            brackets = 0
            while position < len(code) and (brackets or code[position][0] not in "{;}"):
                words.append(code[position][0])
                brackets += {"[": 1, "]": -1}.get(code[position][0], 0)
                position += 1
            opens = position < len(code) and code[position][0] == "{"
            position += 1
            element = declare(parent, words, line, comment_above(line))
            parent.children.append(element)
            if opens:
                parse_block(element)

    parse_block(root)
    return root


def declare(parent, words, line, comment):
    first = words[0]
    if first in ("message", "enum", "service", "oneof", "rpc"):
        return Element(first, words[1], line, words, comment)
    if first in ("syntax", "package", "import", "option", "reserved", "extensions"):
        return Element(first, words[1] if first == "package" else "", line, words, comment)
    name = words[words.index("=") - 1] if "=" in words else first
    return Element("value" if parent.kind == "enum" else "field", name, line, words, comment)


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def check_enum(enum):
    prefix = snake(enum.name).upper() + "_"
    values = list(enum.all("value"))
    if enum.name == "Status":
        yield enum.line, "an enum of states is named State"
    if not values or values[0].name != prefix + "UNSPECIFIED" or values[0].words[2] != "0":
        yield enum.line, f"the first value must be {prefix}UNSPECIFIED = 0"
    for value in values:
        if not value.name.startswith(prefix):
            yield value.line, f"{value.name} must start with {prefix}"


def numbers_reserved(message):
    for reserved in (child for child in message.children if child.kind == "reserved"):
        text = " ".join(reserved.words[1:])
        for low, high in re.findall(r"\b(\d+)(?: to (\d+|max))?", text):
            yield from range(int(low), (int(low) if not high else 1 << 12 if high == "max" else int(high)) + 1)


def check_message(message, is_events):
    fields = [field for child in message.children
              for field in ([child] if child.kind == "field" else child.children if child.kind == "oneof" else [])
              if field.kind == "field"]
    reserved_numbers = set(numbers_reserved(message))
    reserved_names = {word.strip('"') for child in message.children if child.kind == "reserved"
                      for word in child.words if word.startswith('"')}
    seen = {}
    for field in fields:
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name):
            yield field.line, f"{field.name} is not snake_case"
        number = int(field.words[field.words.index("=") + 1])
        if number in seen:
            yield field.line, f"number {number} is that of {seen[number]} too"
        seen[number] = field.name
        if number in reserved_numbers or field.name in reserved_names:
            yield field.line, f"{field.name} = {number} is reserved"
        if is_events and field.words[0] == "map":
            yield field.line, "events have no maps: their bytes have no fixed order"
        is_instant = field.words[0] == "google.protobuf.Timestamp"
        if is_instant and not re.fullmatch(r"(.*_)?(time|deadline)", field.name):
            yield field.line, f"{field.name} is an instant and must end in _time or _deadline"
    if not re.fullmatch(r"([A-Z][a-z0-9]*)+", message.name):
        yield message.line, f"{message.name} is not CamelCase"


def check_rpc(rpc, messages):
    words = [word for word in rpc.words if word not in ("(", ")", "stream")]
    request, response = words[2], words[words.index("returns") + 1]
    if request != rpc.name + "Request" or response != rpc.name + "Response":
        yield rpc.line, f"{rpc.name} must take {rpc.name}Request and return {rpc.name}Response"
    streams_in = "stream" in rpc.words[:rpc.words.index("returns")]
    if rpc.name.startswith(QUERIES) or rpc.name in WITHOUT_REQUEST_ID or streams_in or request not in messages:
        return
    if "request_id" not in {field.name for field in messages[request].all("field")}:
        yield rpc.line, f"{rpc.name} changes something, so {request} needs a request_id"


def check_comments(element):
    for kind in ("message", "enum", "service", "rpc", "oneof", "field", "value"):
        for child in element.all(kind):
            if not child.comment:
                yield child.line, f"{kind} {child.name} has no comment"
            elif child.comment[-1] not in ".:)?":
                yield child.line, f"the comment of {kind} {child.name} is no sentence"


def check(path, text):
    """Violations in one file of proto/."""
    file = parse(text)
    problems = []
    package = ".".join(PurePath(path).parts[1:-1])
    found = [element.name for element in file.children if element.kind == "package"]
    if found != [package]:
        problems.append((1, f"the package must be {package}"))
    for enum in file.all("enum"):
        problems += check_enum(enum)
    for message in file.all("message"):
        problems += check_message(message, path.endswith("_events.proto"))
    messages = {message.name: message for message in file.all("message")}
    if not package.startswith("souk.testing."):
        for rpc in file.all("rpc"):
            problems += check_rpc(rpc, messages)
    problems += check_comments(file)
    return [f"{path}:{line}: {problem}" for line, problem in sorted(set(problems))]


def main():
    paths = [path for path in repo.files() if path.startswith("proto/souk/") and path.endswith(".proto")]
    repo.finish([problem for path in paths for problem in check(path, repo.read(path))], len(paths))


if __name__ == "__main__":
    main()
