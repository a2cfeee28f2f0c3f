"""Reading request parameters: Stripe's form encoding, and the checks Stripe makes on each kind of value."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import StripeError, missing, unknown

Params = dict[str, Any]


def decode_form(text: str) -> Params:
    """`a[b]=1&c[]=x&d[0]=y` -> {"a": {"b": "1"}, "c": ["x"], "d": ["y"]}; every leaf stays a string."""
    root: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        keys = [name.split("[", 1)[0], *re.findall(r"\[([^\]]*)\]", name)]
        node = root
        for key in keys[:-1]:
            child = node.setdefault(key or str(len(node)), {})
            if not isinstance(child, dict):
                raise StripeError(f"Invalid request: `{name}` contradicts an earlier parameter.")
            node = child
        node[keys[-1] or str(len(node))] = value
    return _with_lists(root)


def decode_multipart(body: bytes, content_type: str) -> Params:
    """`multipart/form-data`: text as decode_form has it; a file is {"filename", "type", "content"}, in base64."""
    message = email.message_from_bytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    params: Params = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content, filename = part.get_payload(decode=True) or b"", part.get_filename()
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise StripeError("Invalid request: a part without a name.")
        if filename is None:
            params[name] = content.decode(errors="replace")
        else:
            kept = base64.b64encode(content).decode()
            params[name] = {"filename": filename, "type": part.get_content_type(), "content": kept}
    return params


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    converted = {key: _with_lists(value) for key, value in node.items()}
    if converted and all(key.isdigit() for key in converted):
        return [converted[key] for key in sorted(converted, key=int)]
    return converted


def allow(params: Params, *names: str) -> None:
    """Refuses parameters that the operation does not have; `expand` is known to all of them."""
    strangers = sorted(set(params) - set(names) - {"expand"})
    if strangers:
        raise unknown(strangers)


def integer(params: Params, name: str, default: int | None = None) -> int:
    value = params.get(name, default)
    if value is None:
        raise missing(name)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name) from None


def boolean(params: Params, name: str) -> bool:
    value = params.get(name, "false")
    if value not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def choice(params: Params, name: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
    value = params.get(name, default)
    if value is not None and value not in choices:
        wanted = ", ".join(choices[:-1]) + f", or {choices[-1]}" if len(choices) > 1 else choices[0]
        raise StripeError(f"Invalid {name}: must be one of {wanted}", param=name)
    return value


def text(params: Params, name: str, longest: int = 5000) -> str | None:
    """A string, or None where it is missing or empty (an empty string unsets a value)."""
    value = params.get(name) or None
    if value is not None and not isinstance(value, str):
        raise StripeError("Invalid string: " + str(value), param=name)
    if value is not None and len(value) > longest:
        message = f"Invalid string: {value[:20]}...; must be at most {longest} characters"
        raise StripeError(message, param=name)
    return value


def metadata(params: Params) -> dict[str, str]:
    """Stripe's limits: 50 keys of 40 characters, values of 500; an empty value drops the key."""
    given = params.get("metadata") or {}
    if not isinstance(given, dict):
        raise StripeError("Invalid object", param="metadata")
    if len(given) > 50:
        raise StripeError("Metadata can have up to 50 keys.", param="metadata")
    for key, value in given.items():
        if len(key) > 40 or not isinstance(value, str) or len(value) > 500:
            message = f"Metadata keys can have up to 40 characters and values up to 500: {key[:40]}"
            raise StripeError(message, param=f"metadata[{key[:40]}]")
    return {key: value for key, value in given.items() if value != ""}
