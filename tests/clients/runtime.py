"""What a generated client needs beside its own types: HTTP, and shapes that take JSON exactly as the document has it.

Everything that the document does not tell is an error (`Wrong`): an unknown field, a missing one, a number out of bounds, a
word that is not in the list, an answer of a status or a content type that is not documented.
"""

import dataclasses
import datetime
import http.client
import json
import re
import urllib.parse

LARGEST = 16 * 1024 * 1024
FORMATS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


class Wrong(Exception):
    """The terminal does not do what its document says."""


class Refused(Exception):
    """A documented refusal."""

    def __init__(self, status, problem, headers):
        super().__init__(f"{status} {problem.type}: {problem.detail}")
        self.status, self.problem, self.headers = status, problem, headers
        self.kind = problem.type.removeprefix("urn:tilld:problem:")


@dataclasses.dataclass(frozen=True)
class Answer:
    """A documented answer."""

    status: int
    value: object
    headers: dict


class Text:
    def __init__(self, words=None, pattern=None, form=None, least=0, most=None):
        self.words, self.pattern, self.form, self.least, self.most = words, pattern, form, least, most

    def decode(self, value, where):
        if not isinstance(value, str):
            raise Wrong(f"{where}: {value!r} is not a text")
        if self.words is not None and value not in self.words:
            raise Wrong(f"{where}: {value!r} is none of {self.words}")
        if self.pattern is not None and not re.search(self.pattern, value):
            raise Wrong(f"{where}: {value!r} does not match {self.pattern}")
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            raise Wrong(f"{where}: {value!r} has {len(value)} characters")
        if self.form == "date-time":
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
                raise Wrong(f"{where}: {value!r} is not a time of RFC 3339")
            datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return value


class Whole:
    def __init__(self, form=None, least=None, most=None):
        low, high = FORMATS.get(form, (None, None))
        self.least = low if least is None else least
        self.most = high if most is None else most

    def decode(self, value, where):
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong(f"{where}: {value!r} is not a whole number")
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise Wrong(f"{where}: {value} is not within {self.least} … {self.most}")
        return value


class Switch:
    def decode(self, value, where):
        if not isinstance(value, bool):
            raise Wrong(f"{where}: {value!r} is neither true nor false")
        return value


class Null:
    def decode(self, value, where):
        if value is not None:
            raise Wrong(f"{where}: {value!r} is not null")


class Anything:
    """An object about which nothing is said."""

    def decode(self, value, where):
        if not isinstance(value, dict):
            raise Wrong(f"{where}: {value!r} is not an object")
        return value


class List:
    def __init__(self, item, least=0, most=None):
        self.item, self.least, self.most = item, least, most

    def decode(self, value, where):
        if not isinstance(value, list):
            raise Wrong(f"{where}: {value!r} is not a list")
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            raise Wrong(f"{where}: {len(value)} items")
        return [self.item.decode(item, f"{where}[{at}]") for at, item in enumerate(value)]


class Map:
    def __init__(self, item):
        self.item = item

    def decode(self, value, where):
        if not isinstance(value, dict):
            raise Wrong(f"{where}: {value!r} is not an object")
        return {key: self.item.decode(item, f"{where}.{key}") for key, item in value.items()}


class OneOf:
    def __init__(self, *shapes):
        self.shapes = shapes

    def decode(self, value, where):
        fits, misfits = [], []
        for shape in self.shapes:
            try:
                fits.append(shape.decode(value, where))
            except Wrong as wrong:
                misfits.append(str(wrong))
        if len(fits) != 1:
            raise Wrong(f"{where}: fits {len(fits)} of {len(self.shapes)} shapes: {misfits}")
        return fits[0]


class Record:
    """A dataclass; `fields` tells of each its shape and whether it must be there."""

    def __init__(self, kind, fields):
        self.kind, self.fields = kind, fields

    def decode(self, value, where):
        if not isinstance(value, dict):
            raise Wrong(f"{where}: {value!r} is not an object")
        unknown = value.keys() - self.fields.keys()
        missing = {name for name, (_, required) in self.fields.items() if required} - value.keys()
        if unknown or missing:
            raise Wrong(f"{where}: undocumented {sorted(unknown)}, missing {sorted(missing)}")
        return self.kind(**{name: self.fields[name][0].decode(item, f"{where}.{name}") for name, item in value.items()})


class Named:
    """A shape that is described elsewhere in the document."""

    def __init__(self, shapes, name):
        self.shapes, self.name = shapes, name

    def decode(self, value, where):
        return self.shapes[self.name].decode(value, where)


def encode(value):
    """Makes JSON of dataclasses; what is `None` is left out."""
    if dataclasses.is_dataclass(value):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: encode(item) for name, item in fields if item is not None}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def word(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


class Events:
    """Server-sent events, one after the other."""

    def __init__(self, connection, answer, shape, where):
        self.connection, self.answer, self.shape, self.where = connection, answer, shape, where

    def __iter__(self):
        event = {}
        while line := self.answer.readline(LARGEST):
            line = line.decode("utf-8").rstrip("\n")
            if line == "":
                if "data" in event:
                    data = self.shape.decode(json.loads(event["data"]), self.where)
                    yield event.get("event"), event.get("id"), data
                event = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(":")
                event[name] = value.removeprefix(" ")

    def close(self):
        self.connection.close()


class Client:
    """A terminal."""

    def __init__(self, address, token=None, patience=30):
        self.address, self.token, self.patience = address, token, patience

    def call(self, operation, path, query, headers, body, has_body):
        """Calls, and returns or raises what the document has for the answer's status."""
        method, template, answers = operation
        target = template.format(**{name: urllib.parse.quote(word(value), safe="") for name, value in path.items()})
        query = {name: word(value) for name, value in query.items() if value is not None}
        if query:
            target += "?" + urllib.parse.urlencode(query)
        headers = {name: word(value) for name, value in headers.items() if value is not None}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if method != "GET":
            headers["Content-Type"] = "application/json"
            data = json.dumps(encode(body)).encode("utf-8") if has_body and body is not None else b""
        connection = http.client.HTTPConnection(self.address, timeout=self.patience)
        connection.request(method, target, data, headers)
        return self.read(f"{method} {target}", connection, connection.getresponse(), answers)

    def read(self, call, connection, answer, answers):
        where = f"{call} → {answer.status}"
        if answer.status not in answers:
            raise Wrong(f"{where}: the status is not documented: {answer.read(LARGEST)!r}")
        contents, promised = answers[answer.status]
        headers = {name.lower(): value for name, value in answer.getheaders()}
        missing = [name for name in promised if name.lower() not in headers]
        if missing:
            raise Wrong(f"{where}: without the headers {missing}")
        if not contents:
            rest = answer.read(LARGEST)
            connection.close()
            if rest or "content-type" in headers:
                raise Wrong(f"{where}: an undocumented body: {rest!r}")
            return Answer(answer.status, None, headers)
        kind = headers.get("content-type", "").partition(";")[0].strip()
        if kind not in contents:
            raise Wrong(f"{where}: `{kind}` is none of {sorted(contents)}")
        shape = contents[kind]
        if kind == "text/event-stream":
            return Answer(answer.status, Events(connection, answer, shape, where), headers)
        data = answer.read(LARGEST)
        connection.close()
        if kind == "application/json":
            return Answer(answer.status, shape.decode(json.loads(data), where), headers)
        if kind == "application/problem+json":
            problem = shape.decode(json.loads(data), where)
            if problem.status != answer.status:
                raise Wrong(f"{where}: the problem says {problem.status}")
            raise Refused(answer.status, problem, headers)
        if kind.startswith("text/"):
            return Answer(answer.status, data.decode("utf-8"), headers)
        return Answer(answer.status, data, headers)
