"""A Redis cluster as users of the SDK make it: find a network, create, describe otherwise, add a host, delete.

    mdb-emulator exec -- clients/python/run examples/redis.py

It takes the endpoint, token and folder of the environment. The version, the settings that go with it, and a disk of no type are
those of older programs.
"""

from yandex.cloud.mdb.redis.v1 import cluster_pb2, cluster_service_pb2
from yandex.cloud.mdb.redis.v1.cluster_service_pb2_grpc import ClusterServiceStub
from yandex.cloud.mdb.redis.v1.config.redis5_0_pb2 import RedisConfig5_0

import life

life.live(
    ClusterServiceStub,
    cluster_pb2,
    cluster_service_pb2,
    name="redis-example",
    config_spec=cluster_service_pb2.ConfigSpec(
        version="5.0",
        redis_config_5_0=RedisConfig5_0(
            password="password123",
            maxmemory_policy=RedisConfig5_0.MAXMEMORY_POLICY_UNSPECIFIED,
        ),
        resources=cluster_pb2.Resources(resource_preset_id="hm1.nano", disk_size=16 * 1024**3),
    ),
)
