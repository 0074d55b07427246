"""Shows that the contract check can fail: it is run against servers whose descriptors are doctored, each in one place.

clients/python/run contract_test.py
"""

import contextlib
import io
import unittest
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2

import contract
import reflection


class DoctoredDescriptors(unittest.TestCase):
    """Each case changes one thing in the file of an engine's cluster service."""

    FILE = "yandex/cloud/mdb/redis/v1/cluster_service.proto"
    SCOPE = "yandex.cloud.mdb.redis.v1"

    def setUp(self):
        self.files = contract.package_files()
        self.file = self.files[self.FILE]
        self.service = self.file.service[0]

    def message(self, name):
        return next(message for message in self.file.message_type if message.name == name)

    def field(self, message, name):
        return next(field for field in self.message(message).field if field.name == name)

    def method(self, name):
        return next(method for method in self.service.method if method.name == name)

    def reports(self, *lines):
        """The check exits with 1 and prints just these lines, a fact of the engine each."""
        code, output = check(self.files)
        self.assertEqual(output[:-1], [line.replace("$", self.SCOPE) for line in lines])
        self.assertEqual(code, 1)

    def test_nothing(self):
        code, output = check(self.files)
        self.assertEqual((code, len(output)), (0, 1), output)
        self.assertRegex(output[0], r"^\d{5} facts of \d{3} RPCs compared, 0 lines of difference$")

    def test_an_rpc_is_missing(self):
        self.service.method.remove(self.method("Backup"))
        code, output = check(self.files)
        self.assertEqual(code, 1)
        self.assertIn(f"- rpc {self.SCOPE}.ClusterService/Backup = present", output)
        self.assertFalse([line for line in output if line.startswith("+")])

    def test_a_service_is_extra(self):
        self.file.service.add(name="ExtraService")
        self.reports("+ service $.ExtraService = present")

    def test_a_field_is_extra(self):
        self.message("BackupClusterRequest").field.add(name="extra_field", number=99, type="TYPE_BOOL", label=1)
        name = "$.BackupClusterRequest.extra_field"
        self.reports(
            f"+ field {name} = present",
            f"+ {name}: json name = extraField",
            f"+ {name}: label = LABEL_OPTIONAL",
            f"+ {name}: number = 99",
            f"+ {name}: oneof = none",
            f"+ {name}: type = TYPE_BOOL",
        )

    def test_a_number_differs(self):
        self.field("BackupClusterRequest", "cluster_id").number = 7
        name = "$.BackupClusterRequest.cluster_id: number"
        self.reports(f"- {name} = 1", f"+ {name} = 7")

    def test_a_type_differs(self):
        self.field("BackupClusterRequest", "cluster_id").type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
        name = "$.BackupClusterRequest.cluster_id: type"
        self.reports(f"- {name} = TYPE_STRING", f"+ {name} = TYPE_BYTES")

    def test_a_label_differs(self):
        self.field("BackupClusterRequest", "cluster_id").label = descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
        name = "$.BackupClusterRequest.cluster_id: label"
        self.reports(f"- {name} = LABEL_OPTIONAL", f"+ {name} = LABEL_REPEATED")

    def test_a_json_name_differs(self):
        self.field("BackupClusterRequest", "cluster_id").json_name = "id"
        name = "$.BackupClusterRequest.cluster_id: json name"
        self.reports(f"- {name} = clusterId", f"+ {name} = id")

    def test_a_field_leaves_its_oneof(self):
        self.field("ConfigSpec", "redis_config_5_0").ClearField("oneof_index")
        name = "$.ConfigSpec.redis_config_5_0: oneof"
        self.reports(f"- {name} = redis_spec", f"+ {name} = none")

    def test_a_rule_is_missing(self):
        self.field("GetClusterRequest", "cluster_id").ClearField("options")
        name = "$.GetClusterRequest.cluster_id: yandex.cloud"
        self.reports(f"- {name}.length = <=50", f"- {name}.required = True")

    def test_annotations_of_an_rpc_are_missing(self):
        self.method("Backup").ClearField("options")
        name = "$.ClusterService/Backup"
        self.reports(
            f'- {name}: google.api.http = post: "/managed-redis/v1/clusters/{{cluster_id}}:backup"',
            f'- {name}: yandex.cloud.api.operation = metadata: "BackupClusterMetadata" response: "Cluster"',
        )

    def test_an_rpc_streams(self):
        self.method("Get").server_streaming = True
        name = "$.ClusterService/Get: response"
        self.reports(f"- {name} = .{self.SCOPE}.Cluster", f"+ {name} = stream .{self.SCOPE}.Cluster")

    def test_a_value_of_an_enum_differs(self):
        enum = self.message("RescheduleMaintenanceRequest").enum_type[0]
        enum.value[1].number = 9
        name = f"$.RescheduleMaintenanceRequest.{enum.name}.{enum.value[1].name}: number"
        self.reports(f"- {name} = 1", f"+ {name} = 9")

    def test_no_server(self):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            code = contract.main(["127.0.0.1:1"])
        self.assertEqual(code, 2)
        self.assertIn("cannot read the server at 127.0.0.1:1", errors.getvalue())


def check(files):
    """The check's exit code and output when a server serves these files."""
    output = io.StringIO()
    with serving(files) as address, contextlib.redirect_stdout(output):
        code = contract.main([address])
    return code, output.getvalue().splitlines()


@contextlib.contextmanager
def serving(files):
    """A server of nothing but reflection."""
    services = {f"{file.package}.{service.name}": file for file in files.values() for service in file.service}

    def answer(request):
        if request.list_services:
            listed = [{"name": name} for name in services]
            return reflection.Response(services={"service": listed})
        file = services.get(request.file_containing_symbol) or files[request.file_by_filename]
        return reflection.Response(files={"descriptors": [file.SerializeToString()]})

    handler = grpc.stream_stream_rpc_method_handler(
        lambda requests, _: (answer(request) for request in requests),
        request_deserializer=reflection.Request.FromString,
        response_serializer=reflection.Response.SerializeToString,
    )
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    generic = grpc.method_handlers_generic_handler(reflection.SERVICE, {"ServerReflectionInfo": handler})
    server.add_generic_rpc_handlers([generic])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


if __name__ == "__main__":
    unittest.main()
