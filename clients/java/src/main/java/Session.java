import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import yandex.cloud.api.endpoint.ApiEndpointOuterClass.ApiEndpoint;
import yandex.cloud.api.endpoint.ApiEndpointServiceGrpc;
import yandex.cloud.api.endpoint.ApiEndpointServiceGrpc.ApiEndpointServiceBlockingStub;
import yandex.cloud.api.endpoint.ApiEndpointServiceOuterClass.ListApiEndpointsRequest;
import yandex.cloud.api.operation.OperationOuterClass.Operation;
import yandex.cloud.api.operation.OperationServiceGrpc;
import yandex.cloud.api.operation.OperationServiceGrpc.OperationServiceBlockingStub;
import yandex.cloud.sdk.ServiceFactory;
import yandex.cloud.sdk.auth.Auth;
import yandex.cloud.sdk.auth.provider.CredentialProvider;
import yandex.cloud.sdk.utils.OperationTimeoutException;
import yandex.cloud.sdk.utils.OperationUtils;

/** The SDK as its users set it up. */
final class Session implements AutoCloseable {
    private final CredentialProvider credentials;
    private final ServiceFactory factory;
    private final Map<String, String> endpoints;
    private final OperationServiceBlockingStub operations;
    private final List<ManagedChannel> channels = new ArrayList<>();

    Session(String address) {
        credentials = Auth.oauthTokenBuilder().oauth("y0_journey").cloudIAMEndpoint(address).build();
        Journey.expect(credentials.get().getToken().startsWith("t1."), true);
        factory = ServiceFactory.builder().endpoint(address).credentialProvider(credentials).build();
        // Two of the same id would end it with an exception.
        endpoints = client(ApiEndpointServiceBlockingStub.class, ApiEndpointServiceGrpc::newBlockingStub)
                .list(ListApiEndpointsRequest.getDefaultInstance())
                .getEndpointsList().stream()
                .collect(Collectors.toMap(ApiEndpoint::getId, ApiEndpoint::getAddress));
        operations = client(OperationServiceBlockingStub.class, OperationServiceGrpc::newBlockingStub);
    }

    /** A client of a service that the SDK knows. */
    <T extends AbstractStub<T>> T client(Class<T> type, Function<Channel, T> make) {
        return factory.create(type, make);
    }

    /** A client of a service that the SDK has stubs of, but does not know by id. */
    <T extends AbstractStub<T>> T client(String id, Function<Channel, T> make) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(endpoints.get(id)).build();
        channels.add(channel);
        return factory.create(channel, make);
    }

    /** Waits for an operation by the SDK's own waiter; returns its response. */
    <T extends Message> T finish(Operation started, Class<T> response) {
        try {
            Operation operation = OperationUtils.wait(operations, started, Duration.ofMinutes(1));
            Journey.expect(operation.getError().getCode(), Code.OK_VALUE);
            return unpack(operation.getResponse(), response);
        } catch (InterruptedException | OperationTimeoutException error) {
            throw new AssertionError(error);
        }
    }

    static <T extends Message> T unpack(Any packed, Class<T> type) {
        try {
            return packed.unpack(type);
        } catch (InvalidProtocolBufferException error) {
            throw new AssertionError(error);
        }
    }

    @Override
    public void close() {
        credentials.close();
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
