"""What the journeys share: the SDK as its users set it up, and how what comes back is compared with what should."""

import importlib
import pkgutil
import time

import grpc
import yandexcloud
from google.rpc import error_details_pb2, status_pb2
from yandex.cloud.endpoint.api_endpoint_service_pb2 import ListApiEndpointsRequest
from yandex.cloud.endpoint.api_endpoint_service_pb2_grpc import ApiEndpointServiceStub
from yandex.cloud.iam.v1.iam_token_service_pb2 import CreateIamTokenRequest
from yandex.cloud.iam.v1.iam_token_service_pb2_grpc import IamTokenServiceStub
from yandex.cloud.operation.operation_service_pb2 import GetOperationRequest
from yandex.cloud.operation.operation_service_pb2_grpc import OperationServiceStub

OAUTH_TOKEN = "y0_journey"


class Api:
    """All that the SDK has of a service's messages and stubs, by name: an engine's are spread over some forty modules."""

    def __init__(self, service):
        package = importlib.import_module(f"yandex.cloud.{service}.v1")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.ispkg:
                vars(self).update(vars(importlib.import_module(module.name)))


redis, mysql, sqlserver, spqr = (Api(f"mdb.{engine}") for engine in ("redis", "mysql", "sqlserver", "spqr"))


class Connection:
    """The SDK as its users set it up: it finds the services by discovery, and trades its token for one of theirs."""

    def __init__(self, address):
        self.sdk = yandexcloud.SDK(endpoint=address, token=OAUTH_TOKEN)
        endpoints = self.client(ApiEndpointServiceStub).List(ListApiEndpointsRequest()).endpoints
        self.addresses = {endpoint.id: endpoint.address for endpoint in endpoints}
        equal(len(self.addresses), len(endpoints))
        equal(set(self.addresses.values()), {address})
        request = CreateIamTokenRequest(yandex_passport_oauth_token=OAUTH_TOKEN)
        self.token = self.client(IamTokenServiceStub).Create(request).iam_token
        equal(self.token.startswith("t1."), True)
        self.spqr_channel = self.channel_to_spqr(self.addresses["managed-spqr"])

    def channel_to_spqr(self, address):
        """The SDK makes clients only of services that it knows, and does not know SPQR: the channel that it would make."""
        credentials = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(), grpc.access_token_call_credentials(self.token)
        )
        return grpc.secure_channel(address, credentials)

    def client(self, stub):
        return stub(self.spqr_channel) if ".spqr." in stub.__module__ else self.sdk.client(stub)

    def finished(self, operation):
        """Waits for an operation by the SDK's own waiter."""
        waiter = self.sdk.waiter(operation.id, timeout=60)
        for _ in waiter:
            time.sleep(1)
        equal((waiter.operation.done, waiter.operation.error.message), (True, ""))
        return waiter.operation


class PlaintextConnection(Connection):
    """The SDK speaks plaintext only with a service whose address it is given, and its waiter never does."""

    def __init__(self, address):
        self.address = address
        super().__init__(address)

    def channel_to_spqr(self, address):
        return grpc.insecure_channel(address)

    def client(self, stub):
        if ".spqr." in stub.__module__:
            return super().client(stub)
        return self.sdk.client(stub, endpoint=self.address, insecure=True)

    def finished(self, operation):
        operations = self.client(OperationServiceStub)
        for _ in range(60):
            operation = operations.Get(GetOperationRequest(operation_id=operation.id))
            if operation.done:
                equal(operation.error.message, "")
                return operation
            time.sleep(1)
        raise AssertionError(f"operation {operation.id} takes too long")


def refused(code, wording, call, request):
    """The call must be refused with this code and words; returns the fields that the details blame."""
    try:
        answer = call(request)
    except grpc.RpcError as error:
        equal(error.code(), code)
        equal(wording in error.details(), True)
        return [field for detail in details(error) for field in blamed(detail)]
    raise AssertionError(f"{code} expected, but it was answered: {answer}")


def details(error):
    raw = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    return status_pb2.Status.FromString(raw).details if raw else []


def blamed(detail):
    request = error_details_pb2.BadRequest()
    return [violation.field for violation in request.field_violations] if detail.Unpack(request) else []


def unpacked(packed, message):
    content = message()
    equal(packed.Unpack(content), True)
    return content


def equal(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r}, but should be {wanted!r}")
