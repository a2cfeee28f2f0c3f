"""The part of the Model Context Protocol that a server of tools needs, without sessions and streams: one JSON-RPC
message in, at most one out (https://modelcontextprotocol.io/specification/2025-11-25/basic).

Written here, since the SDK and what is built on it for Django run tools in an event loop and threads of their own,
away from the connection and the limits of the request; four methods are less than what would fit them in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.http import HttpRequest

from .refusals import refusal_of
from .tools import TOOLS

# The first is offered to who asks for another one. Older ones have batches, which nobody sends.
VERSIONS = ("2025-11-25", "2025-06-18")
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INSTRUCTIONS = (
    "Book Australian tradies for somebody. In this order: find_services, free_times, terms (show the customer every"
    " sentence, and have them agree), hold, then give the customer pay_url: a person pays, you can't. Refusals say in"
    " `next` what to do. Times carry the UTC offset of the business; amounts are Australian cents, GST included."
)
Params = dict[str, Any]


class RpcError(Exception):
    """An answer of the protocol itself; what a tool refuses is a result."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def answer_to(message: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The answer to a message, None to one that wants none (a notification, or an answer to us)."""
    message_id = None
    try:
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            raise RpcError(INVALID_REQUEST, "Send one JSON-RPC 2.0 message, not a batch.")
        if "method" not in message and ("result" in message or "error" in message):
            return None
        message_id = _id_of(message)
        result = _result(message, request)
    except RpcError as refusal:
        return error_answer(refusal, message_id)
    return None if "id" not in message else {"jsonrpc": "2.0", "id": message_id, "result": result}


def error_answer(refusal: RpcError, message_id: str | int | None = None) -> dict[str, Any]:
    told = {"code": refusal.code, "message": refusal.message}
    return {"jsonrpc": "2.0", "id": message_id, "error": told}


def _id_of(message: dict[str, Any]) -> str | int | None:
    found = message.get("id")
    if "id" in message and type(found) not in (str, int):
        raise RpcError(INVALID_REQUEST, "An id is a string or a whole number.")
    return found


def _result(message: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    method, params = message.get("method"), message.get("params", {})
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "A method is missing.")
    if "id" not in message:
        return {}
    if method not in METHODS:
        raise RpcError(METHOD_NOT_FOUND, "There is no such method here.")
    if not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "Send params as an object.")
    return METHODS[method](params, request)


def _initialize(params: Params, request: HttpRequest) -> dict[str, Any]:
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "peepopay", "title": "PeepoPay", "version": "1.0.0"},
        "instructions": INSTRUCTIONS,
    }


def _ping(params: Params, request: HttpRequest) -> dict[str, Any]:
    return {}


def _list(params: Params, request: HttpRequest) -> dict[str, Any]:
    return {"tools": [tool.described for tool in TOOLS.values()]}


def _arguments(params: Params) -> dict[str, Any]:
    """`null`, as some clients write it, is none. Raises RpcError."""
    found = params.get("arguments")
    if not isinstance(found, dict | None):
        raise RpcError(INVALID_PARAMS, "`arguments` is an object with the names of the tool's input schema.")
    return found or {}


def _call(params: Params, request: HttpRequest) -> dict[str, Any]:
    tool = TOOLS.get(str(params.get("name")))
    if tool is None:
        raise RpcError(INVALID_PARAMS, "There is no such tool. tools/list names those there are.")
    arguments = _arguments(params)
    try:
        answer, refused = tool.call(arguments, request), False
    except Exception as problem:  # as in the API: what is unexpected is noted, and told without its details
        answer, refused = refusal_of(problem), True
    text = orjson.dumps(answer).decode()
    return {
        "content": [{"type": "text", "text": text}],
        "structuredContent": answer,
        "isError": refused,
    }


METHODS: Mapping[str, Callable[[Params, HttpRequest], dict[str, Any]]] = {
    "initialize": _initialize,
    "ping": _ping,
    "tools/list": _list,
    "tools/call": _call,
}
