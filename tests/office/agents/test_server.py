"""The server of tools as a real client of the protocol sees it, over standard input and output of `ellwand mcp`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the packages of the extra mcp are not installed")


def test_a_client_lists_and_calls_tools(tmp_path: Path) -> None:
    import anyio
    from mcp import ClientSession, StdioServerParameters, stdio_client

    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        made = make(tmp_path / "office", count=2, items=60, units=30, version="test")
        setup.disconnect("default")
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "ELLWAND_DIR")}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "ellwand.cli", "mcp", "--dir", str(made.folder)], env=environment
    )
    seen: dict[str, Any] = {}

    async def talk() -> None:
        async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
            told = await client.initialize()
            seen["instructions"] = told.instructions
            seen["tools"] = (await client.list_tools()).tools
            seen["value"] = await client.call_tool("get_observations", {"series": ["0"]})
            value = seen["value"].structured_content["observations"][0]["value"]
            seen["claim"] = await client.call_tool("verify_claim", {"claim": f"总指数为{value}点。"})
            seen["unknown"] = await client.call_tool("get_observations", {"series": ["no such"]})
            seen["argument"] = await client.call_tool("next_releases", {"many": 3})

    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(talk)
    assert "verify_claim" in seen["instructions"]
    names = {t.name: t for t in seen["tools"]}
    assert set(names) == {
        "list_indices", "search_series", "get_observations", "get_release", "compare", "explain_value", "next_releases",
        "verify_claim",
    }  # fmt: skip
    assert all(t.annotations.read_only_hint and t.description and t.input_schema["properties"] for t in names.values())
    value = seen["value"]
    assert not value.is_error and json.loads(value.content[0].text) == value.structured_content
    assert value.structured_content["observations"][0]["citation"]["zh"]
    assert seen["claim"].structured_content["verdict"] == "supported"
    assert seen["unknown"].is_error and "no such code" in seen["unknown"].content[0].text
    assert seen["argument"].is_error and "many" in seen["argument"].content[0].text
