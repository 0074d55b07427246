"""Compares the contract of a running server with the one in the official Python package.

    clients/python/run contract.py 127.0.0.1:7300

Both are taken apart into facts, such as the number of a field or the http rule of an RPC, and every fact that only one of
them has, or that they tell differently, is printed: `-` what the package says, `+` what the server says. Exits with 0 if
there is none, with 1 if there are some, and with 2 if the server cannot be read.
"""

import importlib
import pkgutil
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool

import reflection

# What the emulator serves; the files that these import belong to it too.
PACKAGES = [
    "yandex.cloud.mdb.redis.v1",
    "yandex.cloud.mdb.mysql.v1",
    "yandex.cloud.mdb.sqlserver.v1",
    "yandex.cloud.mdb.spqr.v1",
    "yandex.cloud.mdb.v1",
    "yandex.cloud.operation",
    "yandex.cloud.endpoint",
]
MODULES = [
    "yandex.cloud.iam.v1.awscompatibility.access_key_service_pb2",
    "yandex.cloud.iam.v1.iam_token_service_pb2",
    "yandex.cloud.iam.v1.key_service_pb2",
    "yandex.cloud.iam.v1.role_service_pb2",
    "yandex.cloud.iam.v1.service_account_service_pb2",
    "yandex.cloud.kms.v1.symmetric_key_service_pb2",
    "yandex.cloud.resourcemanager.v1.cloud_service_pb2",
    "yandex.cloud.resourcemanager.v1.folder_service_pb2",
    "yandex.cloud.vpc.v1.address_service_pb2",
    "yandex.cloud.vpc.v1.gateway_service_pb2",
    "yandex.cloud.vpc.v1.network_service_pb2",
    "yandex.cloud.vpc.v1.route_table_service_pb2",
    "yandex.cloud.vpc.v1.security_group_service_pb2",
    "yandex.cloud.vpc.v1.subnet_service_pb2",
]

# Only these are compared: the rest of what a server serves is google's, gRPC's or its own.
ROOT = "yandex.cloud."

TYPES = descriptor_pb2.FieldDescriptorProto.Type
LABELS = descriptor_pb2.FieldDescriptorProto.Label


def package_files():
    """The descriptors that the installed package holds of PACKAGES and MODULES, and of all that they import."""
    modules = list(MODULES)
    for package in PACKAGES:
        paths = importlib.import_module(package).__path__
        found = pkgutil.walk_packages(paths, f"{package}.")
        modules += [module.name for module in found if module.name.endswith("_pb2")]
    pending = [importlib.import_module(module).DESCRIPTOR.name for module in modules]
    files = {}
    while pending:
        name = pending.pop()
        if name not in files:
            file = descriptor_pb2.FileDescriptorProto()
            descriptor_pool.Default().FindFileByName(name).CopyToProto(file)
            files[name] = file
            pending += file.dependency
    return files


def facts(files):
    """What files say, as a map from the name of each fact to its value."""
    found = {}
    for file in files.values():
        scope = f"{file.package}."
        if not scope.startswith(ROOT):
            continue
        for service in file.service:
            _service(found, scope + service.name, service)
        for message in file.message_type:
            _message(found, scope + message.name, message)
        for enum in file.enum_type:
            _enum(found, scope + enum.name, enum)
        for field in file.extension:
            _field(found, f"{scope}{field.name}", field, "")
            found[f"{scope}{field.name}: extends"] = field.extendee
    return found


def _service(found, name, service):
    found[f"service {name}"] = "present"
    for method in service.method:
        rpc = f"{name}/{method.name}"
        found[f"rpc {rpc}"] = "present"
        found[f"{rpc}: request"] = ("stream " if method.client_streaming else "") + method.input_type
        found[f"{rpc}: response"] = ("stream " if method.server_streaming else "") + method.output_type
        _options(found, rpc, method.options)


def _message(found, name, message):
    found[f"message {name}"] = "present"
    for oneof in message.oneof_decl:
        _options(found, f"{name}.{oneof.name}", oneof.options)
    for field in message.field:
        oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else "none"
        _field(found, f"{name}.{field.name}", field, oneof)
    for nested in message.nested_type:
        _message(found, f"{name}.{nested.name}", nested)
    for enum in message.enum_type:
        _enum(found, f"{name}.{enum.name}", enum)


def _field(found, name, field, oneof):
    found[f"field {name}"] = "present"
    found[f"{name}: number"] = str(field.number)
    found[f"{name}: type"] = field.type_name or TYPES.Name(field.type)
    found[f"{name}: label"] = "optional in proto3" if field.proto3_optional else LABELS.Name(field.label)
    found[f"{name}: oneof"] = oneof
    found[f"{name}: json name"] = field.json_name or _json_name(field.name)
    _options(found, name, field.options)


def _enum(found, name, enum):
    found[f"enum {name}"] = "present"
    for value in enum.value:
        found[f"{name}.{value.name}: number"] = str(value.number)
        _options(found, f"{name}.{value.name}", value.options)


def _options(found, name, options):
    """Annotations: http rules, types of operations, rules of validation, and what is deprecated.

    The package knows the extensions, and descriptors are parsed with that knowledge, whoever sent them.
    """
    for option, value in options.ListFields():
        found[f"{name}: {option.full_name}"] = " ".join(str(value).split())


def _json_name(name):
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def differences(package, server):
    """A line for each fact that only one of the two knows, or that they tell differently."""
    lines = []
    for name in sorted(package.keys() | server.keys()):
        ours, theirs = server.get(name), package.get(name)
        if ours != theirs:
            lines += [f"- {name} = {theirs}"] if theirs is not None else []
            lines += [f"+ {name} = {ours}"] if ours is not None else []
    return lines


def main(arguments):
    if len(arguments) != 1:
        print("usage: contract.py HOST:PORT", file=sys.stderr)
        return 2
    # First, since the server's annotations can be read only when the package has told their types.
    files = package_files()
    try:
        with reflection.connect(arguments[0]) as channel:
            served = reflection.files_of(channel)
    except (grpc.RpcError, LookupError) as error:
        reason = error.details() if isinstance(error, grpc.RpcError) else error
        print(f"cannot read the server at {arguments[0]}: {reason}", file=sys.stderr)
        return 2
    package, server = facts(files), facts(served)
    lines = differences(package, server)
    for line in lines:
        print(line)
    rpcs = sum(name.startswith("rpc ") for name in package)
    print(f"{len(package)} facts of {rpcs} RPCs compared, {len(lines)} lines of difference")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
