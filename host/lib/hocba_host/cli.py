"""What the programs `host/odoo` and `host/db` do."""

import os
import sys
from pathlib import Path

from . import cluster, database, paths, snapshot
from .config import write_config
from .server import free_port

DATABASES = {"school": "hocba_school", "so": "hocba_so"}
_USAGE = """\
usage: host/odoo school|so|DATABASE [odoo arguments]
       host/db create NAME [MODULE...] | drop NAME | list | psql NAME | template | stop
               save NAME FILE | load FILE NAME"""


def run_odoo(arguments: list[str]) -> None:
    """Become Odoo on a database; a free port is chosen unless the arguments name one."""
    name = DATABASES.get(arguments[0], arguments[0])
    cluster.ensure_cluster()
    config = write_config(f"cli_{name}", name, http_port=free_port(), gevent_port=free_port())
    command = database.odoo_command(config, name, arguments[1:])
    os.execve(command[0], command, paths.odoo_environment())


def run_db(arguments: list[str]) -> None:
    """Do one of the commands of `host/db`."""
    cluster.ensure_cluster()
    match arguments:
        case ["create", name, *modules]:
            print(database.create_database(DATABASES.get(name, name), modules))
        case ["drop", name]:
            database.drop_database(DATABASES.get(name, name))
        case ["save", name, path]:
            snapshot.save(DATABASES.get(name, name), Path(path))
        case ["load", path, name]:
            print(snapshot.load(Path(path), DATABASES.get(name, name)))
        case ["list"]:
            for (name,) in cluster.psql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"):
                print(name)
        case ["psql", name, *rest]:
            program = cluster.program("psql")
            host = str(cluster.socket_folder())
            name = DATABASES.get(name, name)
            os.execv(program, [program, "-h", host, "-p", str(cluster.DB_PORT), "-U", "postgres", "-d", name, *rest])
        case ["template"]:
            print(database.ensure_template())
        case ["stop"]:
            if not cluster.stop_cluster():
                sys.exit("the cluster is in use")
        case _:
            sys.exit(_USAGE)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["odoo", *rest] if rest:
            run_odoo(rest)
        case ["db", *rest] if rest:
            run_db(rest)
        case _:
            sys.exit(_USAGE)
