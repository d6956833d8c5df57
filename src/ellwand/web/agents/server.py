"""The tools by the Model Context Protocol over standard input and output; there with the extra `mcp` only.

Source: Model Context Protocol; the official SDK, which speaks its versions.
"""

import json
from typing import Any

from ellwand.engine.errors import DataError

NAME = "ellwand"
ABOUT = """Released figures of a price index, with provenance. Every figure is a text, so that nothing rounds it.
Cite what you quote: each answer holds a citation and the vintage. Use verify_claim before you repeat a figure that you
did not read here. Grade C figures are mostly imputed; grade S means that none is published, and no figure is not zero.
Where simulated is true the figures are invented for demonstration: say so."""


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of a tool. DataError for an unknown tool, wrong arguments, and what the tool refuses."""
    import jsonschema

    from ellwand.web.agents.tools import TOOLS

    found = TOOLS.get(name)
    if found is None:
        raise DataError(f"tool {name!r}: there is none; there are {', '.join(TOOLS)}")
    errors = sorted(jsonschema.Draft202012Validator(found.schema).iter_errors(arguments), key=lambda e: list(e.path))
    if errors:
        where = ".".join(str(p) for p in errors[0].path) or name
        raise DataError(f"{where}: {errors[0].message}")
    return found.run(**arguments)


def run(version: str) -> None:
    """Serve the tools of the office in use until the input ends. ModuleNotFoundError without the SDK."""
    import anyio
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server

    limiter: Any = None

    async def list_tools(_: Any, params: Any) -> Any:
        return _listed()

    async def call_tool(_: Any, params: Any) -> Any:
        # Django's connections belong to a thread; one request at a time keeps to few of them.
        return await anyio.to_thread.run_sync(_answer, params.name, params.arguments or {}, limiter=limiter)

    server: Any = Server(
        NAME, version=version, title="Ellwand", instructions=ABOUT, on_list_tools=list_tools, on_call_tool=call_tool
    )

    async def main() -> None:
        nonlocal limiter
        limiter = anyio.CapacityLimiter(1)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(main)


def _listed() -> Any:
    from mcp import types

    from ellwand.web.agents.tools import TOOLS

    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=t.name, title=t.title, description=t.words, input_schema=t.schema,
                annotations=types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
            )
            for t in TOOLS.values()
        ]
    )  # fmt: skip


def _answer(name: str, arguments: dict[str, Any]) -> Any:
    """The result of a call: what went wrong is told in words that the reader can act on."""
    from django.db import close_old_connections
    from mcp import types

    try:
        content = call(name, arguments)
    except (DataError, ValueError) as error:
        return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)
    finally:
        close_old_connections()
    text = json.dumps(content, ensure_ascii=False)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=json.loads(text)
    )
