"""The development host: a private PostgreSQL cluster, Odoo databases made from templates, and real Odoo servers.

For the demo, the tests and the benchmarks; nothing here is part of what a school installs. `host/setup.sh` must have
run before (the programs in `bin/` and `host/` call it).
"""

from .cluster import ensure_cluster, psql, stop_cluster
from .database import (
    DatabaseError,
    copy_database,
    create_database,
    database_exists,
    drop_database,
    ensure_template,
    run_odoo,
)
from .paths import ODOO_BIN, ODOO_LIB, PYTHON, REPO, STATE
from .rpc import Rpc, RpcError
from .server import OdooServer, free_port, stop_server

__all__ = [
    "ODOO_BIN",
    "ODOO_LIB",
    "PYTHON",
    "REPO",
    "STATE",
    "DatabaseError",
    "OdooServer",
    "Rpc",
    "RpcError",
    "copy_database",
    "create_database",
    "database_exists",
    "drop_database",
    "ensure_cluster",
    "ensure_template",
    "free_port",
    "psql",
    "run_odoo",
    "stop_cluster",
    "stop_server",
]
