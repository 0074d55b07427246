package main

import (
	"context"
	"strings"

	endpointpb "github.com/yandex-cloud/go-genproto/yandex/cloud/endpoint"
	operationpb "github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	ycsdk "github.com/yandex-cloud/go-sdk/v2"
	"github.com/yandex-cloud/go-sdk/v2/credentials"
	"github.com/yandex-cloud/go-sdk/v2/pkg/operation"
	"github.com/yandex-cloud/go-sdk/v2/pkg/options"
	"github.com/yandex-cloud/go-sdk/v2/services/endpoint"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// session is the SDK as its users set it up.
type session struct {
	ctx context.Context
	sdk *ycsdk.SDK
}

// begin builds the SDK, which discovers the services, and sees that it can get a token.
func begin(ctx context.Context, address string, more ...options.Option) session {
	sdk := build(ctx, address, credentials.OAuthToken("y0_journey"), more...)
	listed := must(endpointsdk.NewApiEndpointClient(sdk).List(ctx, &endpointpb.ListApiEndpointsRequest{}))
	ids := map[string]bool{}
	for _, endpoint := range listed.Endpoints {
		expect(endpoint.Address, address)
		ids[endpoint.Id] = true
	}
	expect(len(ids), len(listed.Endpoints))
	token := must(sdk.CreateIAMToken(ctx))
	expect(strings.HasPrefix(token.GetIamToken(), "t1."), true)
	return session{ctx, sdk}
}

// build builds the SDK, which discovers the services, and calls as whoever has these credentials.
func build(ctx context.Context, address string, caller credentials.Credentials, more ...options.Option) *ycsdk.SDK {
	all := append([]options.Option{options.WithDiscoveryEndpoint(address), options.WithCredentials(caller)}, more...)
	return must(ycsdk.Build(ctx, all...))
}

// connection is the SDK's connection to the service of a method. The SDK has a package of clients for each service, but those of Redis
// and SPQR come from modules that not every module proxy serves, and SQL Server's does not exist; the stubs of
// go-genproto on this connection need none.
func (s session) connection(method string) grpc.ClientConnInterface {
	return must(s.sdk.GetConnection(s.ctx, protoreflect.FullName(method)))
}

// finish returns what waits for an operation by the SDK's own waiter, which is strict about the types of metadata and
// response.
func finish[Metadata, Response proto.Message](s session) func(*operationpb.Operation, error) (Metadata, Response, error) {
	return func(started *operationpb.Operation, err error) (metadata Metadata, response Response, _ error) {
		if err != nil {
			return metadata, response, err
		}
		operation, err := operation.NewOperation(started, &operation.Concretization{
			Poll:         s.poll,
			MetadataType: metadata,
			ResponseType: response,
		})
		if err != nil {
			return metadata, response, err
		}
		result, err := operation.Wait(s.ctx)
		if err != nil {
			return metadata, response, err
		}
		return operation.Metadata().(Metadata), result.(Response), nil
	}
}

// finished is finish for what must go well.
func finished[Metadata, Response proto.Message](s session) func(*operationpb.Operation, error) (Metadata, Response) {
	return func(started *operationpb.Operation, err error) (Metadata, Response) {
		metadata, response, err := finish[Metadata, Response](s)(started, err)
		must(0, err)
		return metadata, response
	}
}

func (s session) poll(ctx context.Context, id string, opts ...grpc.CallOption) (operation.YCOperation, error) {
	operations := operationpb.NewOperationServiceClient(s.connection("yandex.cloud.operation.OperationService.Get"))
	return operations.Get(ctx, &operationpb.GetOperationRequest{OperationId: id}, opts...)
}
