"""Reads a running server's descriptors by gRPC reflection, with nothing but grpcio and protobuf.

The few messages of the reflection protocol that are needed are described here, so that no package has to bring them.
"""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "grpc.reflection.v1.ServerReflection"
STRING, BYTES, MESSAGE = 9, 12, 11
OPTIONAL, REPEATED = 1, 3

# Message -> its fields: name, number, label, type, type of message.
PROTOCOL = {
    "Request": [
        ("file_by_filename", 3, OPTIONAL, STRING, None),
        ("file_containing_symbol", 4, OPTIONAL, STRING, None),
        ("list_services", 7, OPTIONAL, STRING, None),
    ],
    "Response": [
        ("files", 4, OPTIONAL, MESSAGE, "Files"),
        ("services", 6, OPTIONAL, MESSAGE, "Services"),
        ("error", 7, OPTIONAL, MESSAGE, "Error"),
    ],
    "Files": [("descriptors", 1, REPEATED, BYTES, None)],
    "Services": [("service", 1, REPEATED, MESSAGE, "Service")],
    "Service": [("name", 1, OPTIONAL, STRING, None)],
    "Error": [("message", 2, OPTIONAL, STRING, None)],
}


def _messages():
    file = descriptor_pb2.FileDescriptorProto(name="reflection.proto", package="reflection", syntax="proto2")
    for name, fields in PROTOCOL.items():
        message = file.message_type.add(name=name)
        for field, number, label, kind, of in fields:
            message.field.add(
                name=field, number=number, label=label, type=kind, type_name=of and f".reflection.{of}"
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    find = pool.FindMessageTypeByName
    return (message_factory.GetMessageClass(find(f"reflection.{name}")) for name in ("Request", "Response"))


Request, Response = _messages()


def files_of(channel):
    """Every file that the server's services need, by name."""
    ask = channel.stream_stream(
        f"/{SERVICE}/ServerReflectionInfo",
        request_serializer=Request.SerializeToString,
        response_deserializer=Response.FromString,
    )

    def answers(requests):
        return list(ask(iter(requests), timeout=30))

    (listed,) = answers([Request(list_services="*")])
    files = {}

    def take(requests):
        for request, answer in zip(requests, answers(requests)):
            if answer.HasField("error"):
                raise LookupError(f"{str(request).strip()}: {answer.error.message}")
            for raw in answer.files.descriptors:
                file = descriptor_pb2.FileDescriptorProto.FromString(raw)
                files[file.name] = file

    take([Request(file_containing_symbol=service.name) for service in listed.services.service])
    while missing := {name for file in files.values() for name in file.dependency} - set(files):
        take([Request(file_by_filename=name) for name in sorted(missing)])
    return files


def connect(address):
    """A plaintext channel whose messages may be as large as a descriptor needs."""
    return grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", 64 << 20)])
