"""For agents: tools that read the released figures, each answer with its provenance and citation.

The tools are plain functions from arguments to JSON; `server` offers them by the Model Context Protocol.
"""
