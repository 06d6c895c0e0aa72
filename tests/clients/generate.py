"""Writes a client for the terminal's interface: `generate.py OPENAPI.json MODULE.py`. Python's standard library only.

A dataclass for each schema, a function for each operation. It must not know any call: everything comes from the document,
and whatever of the document it does not understand is an error.
"""

import json
import keyword
import sys

METHODS = {"get", "post"}
TYPES = {"string": "str", "integer": "int", "boolean": "bool", "array": "list", "object": "dict"}
REMARKS = {"description", "examples", "example", "title"}


class Unclear(Exception):
    """The document says something that this program does not understand, or says it wrongly."""


def only(where, found, known):
    unknown = set(found) - set(known)
    if unknown:
        raise Unclear(f"{where}: {sorted(unknown)}")


def name_of(reference, where):
    start = "#/components/schemas/"
    if not reference.startswith(start):
        raise Unclear(f"{where}: {reference}")
    return reference.removeprefix(start)


def shape(schema, where, names):
    """Returns the expression of a shape."""
    if "$ref" in schema:
        only(where, schema, {"$ref"} | REMARKS)
        name = name_of(schema["$ref"], where)
        if name not in names:
            raise Unclear(f"{where}: there is no `{name}`")
        return f"Named(SHAPES, {name!r})"
    if "oneOf" in schema:
        only(where, schema, {"oneOf"} | REMARKS)
        return f"OneOf({', '.join(shape(one, where, names) for one in schema['oneOf'])})"
    kinds = schema.get("type")
    if isinstance(kinds, list):
        shapes = [shape({**schema, "type": kind} if kind != "null" else {"type": "null"}, where, names) for kind in kinds]
        return f"OneOf({', '.join(shapes)})"
    known = {"type"} | REMARKS
    if kinds == "null":
        only(where, schema, known)
        return "Null()"
    if kinds == "string":
        only(where, schema, known | {"enum", "pattern", "format", "minLength", "maxLength"})
        if schema.get("format") not in (None, "date-time", "binary"):
            raise Unclear(f"{where}: format {schema['format']}")
        told = [schema.get(key) for key in ("enum", "pattern", "format")]
        return f"Text({told[0]!r}, {told[1]!r}, {told[2]!r}, {schema.get('minLength', 0)!r}, {schema.get('maxLength')!r})"
    if kinds == "integer":
        only(where, schema, known | {"format", "minimum", "maximum"})
        if schema.get("format") not in (None, "int32", "int64"):
            raise Unclear(f"{where}: format {schema['format']}")
        return f"Whole({schema.get('format')!r}, {schema.get('minimum')!r}, {schema.get('maximum')!r})"
    if kinds == "boolean":
        only(where, schema, known)
        return "Switch()"
    if kinds == "array":
        only(where, schema, known | {"items", "minItems", "maxItems"})
        item = shape(schema["items"], f"{where}[]", names)
        return f"List({item}, {schema.get('minItems', 0)!r}, {schema.get('maxItems')!r})"
    if kinds == "object":
        only(where, schema, known | {"additionalProperties", "propertyNames"})
        if "additionalProperties" in schema:
            return f"Map({shape(schema['additionalProperties'], where, names)})"
        return "Anything()"
    raise Unclear(f"{where}: {schema}")


def hint(schema):
    """Returns the type of a parameter or a field, for whoever reads the client."""
    if "$ref" in schema or "oneOf" in schema:
        references = [one.get("$ref") for one in schema.get("oneOf", [schema]) if one.get("type") != "null"]
        return " | ".join(name_of(one, "hint") for one in references)
    kinds = schema.get("type")
    kinds = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    return " | ".join(TYPES[kind] for kind in kinds)


def plain(name):
    """Returns a name as Python has it."""
    name = name.replace("-", "_").lower()
    if not name.isidentifier() or keyword.iskeyword(name):
        raise Unclear(f"`{name}` cannot be a name")
    return name


def sentence(text):
    return text.replace("\\", "\\\\").replace('"""', "'''")


def write_schema(name, schema, names, out):
    if schema.get("type") == "object" and "properties" in schema:
        only(name, schema, {"type", "properties", "required"} | REMARKS)
        required = schema.get("required", [])
        only(f"{name}.required", required, schema["properties"])
        order = sorted(schema["properties"], key=lambda field: field not in required)
        out.append(f"\n\n@dataclass(frozen=True)\nclass {name}:")
        out.append(f'    """{sentence(schema.get("description", name))}"""\n')
        for field in order:
            if field != plain(field):
                raise Unclear(f"{name}.{field} cannot be a name")
            kind = hint(schema["properties"][field])
            out.append(f'    {field}: "{kind}"' if field in required else f'    {field}: "{kind} | None" = None')
        fields = ", ".join(
            f"{field!r}: ({shape(schema['properties'][field], f'{name}.{field}', names)}, {field in required})"
            for field in order
        )
        out.append(f"\n\nSHAPES[{name!r}] = Record({name}, {{{fields}}})")
        return
    out.append(f"\n\nSHAPES[{name!r}] = {shape(schema, name, names)}")
    out.append(f"{name} = {TYPES.get(schema.get('type'), 'object')}")


def write_operation(path, method, operation, names, out):
    where = f"{method.upper()} {path}"
    only(where, operation, {"tags", "summary", "description", "operationId", "parameters", "requestBody", "responses"})
    places = {"path": {}, "query": {}, "header": {}}
    required, optional = [], []
    for parameter in operation.get("parameters", []):
        only(f"{where} {parameter['name']}", parameter, {"name", "in", "required", "schema", "description"})
        name = plain(parameter["name"])
        shape(parameter["schema"], f"{where} {name}", names)
        places[parameter["in"]][parameter["name"]] = name
        kind = hint(parameter["schema"])
        if parameter.get("required"):
            required.append(f'{name}: "{kind}"')
        else:
            optional.append(f'{name}: "{kind} | None" = None')
    if set(places["path"]) != {part[1:-1] for part in path.split("/") if part.startswith("{")}:
        raise Unclear(f"{where}: its path's parameters are {sorted(places['path'])}")
    body = operation.get("requestBody")
    if body is not None:
        only(f"{where} body", body, {"content", "required", "description"})
        only(f"{where} body", body["content"], {"application/json"})
        kind = hint(body["content"]["application/json"]["schema"])
        if body.get("required"):
            required.append(f'body: "{kind}"')
        else:
            optional.append(f'body: "{kind} | None" = None')
    answers = []
    for status, answer in sorted(operation["responses"].items()):
        only(f"{where} {status}", answer, {"description", "content", "headers"})
        contents = []
        for kind, content in answer.get("content", {}).items():
            only(f"{where} {status} {kind}", content, {"schema"})
            contents.append(f"{kind!r}: {shape(content['schema'], f'{where} {status}', names)}")
        answers.append(f"{int(status)}: ({{{', '.join(contents)}}}, {sorted(answer.get('headers', {}))!r})")
    name = plain(operation["operationId"])
    out.append(f"\n\n{name.upper()} = ({method.upper()!r}, {path!r}, {{{', '.join(answers)}}})")
    out.append(f"\n\ndef {name}({', '.join(['client: Client', *required, *optional])}) -> Answer:")
    out.append(f'    """{sentence(operation["summary"])}"""')
    told = [
        "{" + ", ".join(f"{key!r}: {value}" for key, value in places[place].items()) + "}"
        for place in ("path", "query", "header")
    ]
    given = ["body", "True"] if body is not None else ["None", "False"]
    out.append(f"    return client.call({', '.join([name.upper(), *told, *given])})")
    return name


def generate(document):
    only("document", document, {"openapi", "info", "paths", "components", "security", "tags"})
    if not document["openapi"].startswith("3.1."):
        raise Unclear(f"OpenAPI {document['openapi']}")
    only("components", document["components"], {"schemas", "securitySchemes"})
    schemas = document["components"]["schemas"]
    out = ['"""Made by generate.py."""\n']
    out.append("from dataclasses import dataclass\n\nfrom runtime import (  # noqa: F401")
    out.append("    Answer, Anything, Client, List, Map, Named, Null, OneOf, Record, Refused, Switch, Text, Whole, Wrong,\n)")
    out.append("\nSHAPES = {}")
    for name, schema in schemas.items():
        write_schema(name, schema, schemas, out)
    operations = []
    for path, calls in document["paths"].items():
        only(path, calls, METHODS)
        for method, operation in calls.items():
            operations.append(write_operation(path, method, operation, schemas, out))
    if len(set(operations)) != len(operations):
        raise Unclear(f"an operation's name comes twice: {operations}")
    out.append(f"\n\nOPERATIONS = {sorted(operations)!r}")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        client = generate(json.load(file))
    with open(target, "w", encoding="utf-8") as file:
        file.write(client)
