"""HTTP of the central: FastAPI application, routes, bodies, live change feed, server processes. Use: ``serve.serve``.

The only sub-package that imports FastAPI and uvicorn; it may import everything else of the central.
"""
