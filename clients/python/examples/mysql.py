"""A MySQL cluster as users of the SDK make it: find a network, create, describe otherwise, add a host, delete.

    mdb-emulator exec -- clients/python/run examples/mysql.py

It takes the endpoint, token and folder of the environment. The permission names no roles, as in many programs.
"""

from yandex.cloud.mdb.mysql.v1 import cluster_pb2, cluster_service_pb2, database_pb2, user_pb2
from yandex.cloud.mdb.mysql.v1.cluster_service_pb2_grpc import ClusterServiceStub

import life

life.live(
    ClusterServiceStub,
    cluster_pb2,
    cluster_service_pb2,
    name="mysql-example",
    config_spec=cluster_service_pb2.ConfigSpec(
        version="8.0",
        resources=cluster_pb2.Resources(
            resource_preset_id="s2.micro",
            disk_type_id="network-ssd",
            disk_size=10 * 1024**3,
        ),
    ),
    database_specs=[database_pb2.DatabaseSpec(name="db1")],
    user_specs=[
        user_pb2.UserSpec(
            name="user1",
            password="password123",
            permissions=[user_pb2.Permission(database_name="db1")],
        )
    ],
)
