"""The OpenAPI document of the wire, and what is held to it."""

import json
from pathlib import Path

import jsonschema_rs

PATH = Path(__file__).resolve().parents[3] / "hocba_registry" / "static" / "openapi.json"


class Contract:
    """``document``: the decoded OpenAPI 3.1 document."""

    def __init__(self, document):
        self.document = document
        self._validators = {}
        self._paths = {item["post"]["operationId"]: path for path, item in document["paths"].items() if "post" in item}

    @classmethod
    def load(cls):
        """The document that the registry serves."""
        return cls(json.loads(PATH.read_text(encoding="utf-8")))

    def check_request(self, service, request):
        """Errors of a request against the document, as texts."""
        body = self._operation(service)["requestBody"]["content"]["application/json"]
        return self.errors(body["schema"], request)

    def check_reply(self, reply):
        """Fail unless a Reply is as the document says: status, headers, body."""
        response = self._operation(reply.service)["responses"].get(str(reply.status))
        assert response, f"{reply.service}: status {reply.status} is not in the contract"
        response = self.resolved(response)
        for name, header in response.get("headers", {}).items():
            required = self.resolved(header).get("required")
            assert name in reply.headers or not required, f"{reply.service}: header {name} is missing"
        if "content" in response:
            schema = response["content"]["application/json"]["schema"]
            errors = self.errors(schema, reply.answer) + self.undocumented(schema, reply.answer)
            assert not errors, f"{reply.service}: {errors[0]} in {reply.answer}"

    def errors(self, schema, value):
        """What is wrong with ``value``, as texts."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            # References start at the root of the document.
            whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema]}
            whole["components"] = self.document["components"]
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [error.message for error in self._validators[key].iter_errors(value)]

    def undocumented(self, schema, value):
        """Parameters that the document does not name; callers must pass over them, our registry must not send them."""
        if isinstance(value, list):
            return [error for item in value for error in self.undocumented(schema.get("items", {}), item)]
        if not isinstance(value, dict):
            return []
        known = self._properties(schema)
        errors = [f"{name} is not in the contract" for name in value if name not in known]
        for name in value.keys() & known.keys():
            errors += self.undocumented(self.resolved(known[name]), value[name])
        return errors

    def _properties(self, schema):
        schema = self.resolved(schema)
        found = dict(schema.get("properties", {}))
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
            found = {**self._properties(part), **found}
        return found

    def resolved(self, node):
        """``node``, or what its ``$ref`` points to."""
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def operations(self):
        """(path, method, operation) of all."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield path, method, operation

    def _operation(self, service):
        return self.document["paths"][self._paths[service]]["post"]
