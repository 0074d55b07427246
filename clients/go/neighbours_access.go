package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/access"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/iam/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/iam/v1/awscompatibility"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/kms/v1"
	operationpb "github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	"github.com/yandex-cloud/go-sdk/v2/credentials"
	"github.com/yandex-cloud/go-sdk/v2/pkg/iamkey"
	"github.com/yandex-cloud/go-sdk/v2/services/iam/v1/awscompatibility"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

// serviceAccount is an account with its keys.
type serviceAccount struct {
	id        string
	key       *iamkey.Key
	accessKey *awscompatibility.AccessKey
}

// makeAccount makes a service account with a key that it signs with, and an access key that it makes for itself.
func (n neighbours) makeAccount() *serviceAccount {
	operation := must(n.accounts.Create(n.ctx, &iam.CreateServiceAccountRequest{FolderId: defaultFolder, Name: "journey"}))
	account := must(operation.Wait(n.ctx))
	expect(account.Id, operation.Metadata().ServiceAccountId)
	expect(account.FolderId, defaultFolder)

	created := must(n.keys.Create(n.ctx, &iam.CreateKeyRequest{ServiceAccountId: account.Id}))
	expect(created.Key.GetServiceAccountId(), account.Id)
	firstLine, pem, _ := strings.Cut(created.PrivateKey, "\n")
	expect(firstLine, "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <"+created.Key.Id+">")
	expect(strings.HasPrefix(pem, "-----BEGIN PRIVATE KEY-----\n"), true)
	shown := must(n.keys.Get(n.ctx, &iam.GetKeyRequest{KeyId: created.Key.Id}))
	expect(shown.PublicKey, created.Key.PublicKey)
	expect(strings.Contains(string(must(proto.Marshal(shown))), "PRIVATE"), false)

	made := &serviceAccount{id: account.Id, key: iamkey.New(created)}
	made.accessKey = n.makeAccessKey(made)
	return made
}

// makeAccessKey lets the account call by itself: the SDK trades a JWT that it signs with the account's key. The new key is the caller's.
func (n neighbours) makeAccessKey(account *serviceAccount) *awscompatibility.AccessKey {
	sdk := build(n.ctx, n.address, must(credentials.ServiceAccountKey(account.key)))
	created := must(awscompatibilitysdk.NewAccessKeyClient(sdk).Create(n.ctx, &awscompatibility.CreateAccessKeyRequest{}))
	key := created.AccessKey
	expect(key.ServiceAccountId, account.id)
	expect(len(key.KeyId), 25)
	expect(strings.HasPrefix(key.KeyId, "YC"), true)
	expect(len(created.Secret), 40)
	expect(strings.HasPrefix(created.Secret, "YC"), true)
	shown := must(n.accessKeys.Get(n.ctx, &awscompatibility.GetAccessKeyRequest{AccessKeyId: key.Id}))
	expect(shown.KeyId, key.KeyId)
	return key
}

// checkSignsNoMore sees that there is no token for a key that is deleted.
func (n neighbours) checkSignsNoMore(account *serviceAccount) {
	_, err := build(n.ctx, n.address, must(credentials.ServiceAccountKey(account.key))).CreateIAMToken(n.ctx)
	expect(status.Code(err), codes.Unauthenticated)
}

// makeSymmetricKey makes a key of KMS, and rotates it once.
func (n neighbours) makeSymmetricKey() string {
	day := durationpb.New(24 * time.Hour)
	metadata, key := finished[*kms.CreateSymmetricKeyMetadata, *kms.SymmetricKey](n.session)(
		n.symmetricKeys.Create(n.ctx, &kms.CreateSymmetricKeyRequest{
			FolderId:         defaultFolder,
			Name:             "journey",
			DefaultAlgorithm: kms.SymmetricAlgorithm_AES_256,
			RotationPeriod:   day,
		}))
	expect(key.Id, metadata.KeyId)
	expect(key.PrimaryVersion.GetId(), metadata.PrimaryVersionId)
	expect(key.DefaultAlgorithm, kms.SymmetricAlgorithm_AES_256)
	expectSame(key.RotationPeriod, day)

	rotation, rotated := finished[*kms.RotateSymmetricKeyMetadata, *kms.SymmetricKey](n.session)(
		n.symmetricKeys.Rotate(n.ctx, &kms.RotateSymmetricKeyRequest{KeyId: key.Id}))
	expect(rotated.PrimaryVersion.GetId(), rotation.NewPrimaryVersionId)
	primary := map[string]bool{}
	request := &kms.ListSymmetricKeyVersionsRequest{KeyId: key.Id}
	for _, version := range must(n.symmetricKeys.ListVersions(n.ctx, request)).KeyVersions {
		primary[version.Id] = version.Primary
	}
	expect(len(primary), 2)
	expect(primary[metadata.PrimaryVersionId], false)
	expect(primary[rotation.NewPrimaryVersionId], true)
	return key.Id
}

// bindable is a service whose things have access bindings.
type bindable interface {
	ListAccessBindings(context.Context, *access.ListAccessBindingsRequest, ...grpc.CallOption) (*access.ListAccessBindingsResponse, error)
	SetAccessBindings(context.Context, *access.SetAccessBindingsRequest, ...grpc.CallOption) (*operationpb.Operation, error)
	UpdateAccessBindings(context.Context, *access.UpdateAccessBindingsRequest, ...grpc.CallOption) (*operationpb.Operation, error)
}

// checkBindings gives roles on one thing, and takes them. KMS answers with nothing, the others with what has changed.
func checkBindings[Result proto.Message](s session, service bindable, resource, account string) {
	viewer := delta(access.AccessBindingAction_ADD, "viewer", account, "serviceAccount")
	editor := delta(access.AccessBindingAction_ADD, "editor", "allAuthenticatedUsers", "system")
	noViewer := delta(access.AccessBindingAction_REMOVE, "viewer", account, "serviceAccount")
	noEditor := delta(access.AccessBindingAction_REMOVE, "editor", "allAuthenticatedUsers", "system")

	set := func(bindings ...*access.AccessBinding) Result {
		metadata, result := finished[*access.SetAccessBindingsMetadata, Result](s)(
			service.SetAccessBindings(s.ctx, &access.SetAccessBindingsRequest{ResourceId: resource, AccessBindings: bindings}))
		expect(metadata.ResourceId, resource)
		return result
	}
	expectDeltas(set(viewer.AccessBinding), viewer)
	s.expectBindings(service, resource, viewer.AccessBinding)

	metadata, result := finished[*access.UpdateAccessBindingsMetadata, Result](s)(
		service.UpdateAccessBindings(s.ctx, &access.UpdateAccessBindingsRequest{
			ResourceId: resource, AccessBindingDeltas: []*access.AccessBindingDelta{editor, noViewer},
		}))
	expect(metadata.ResourceId, resource)
	expectDeltas(result, editor, noViewer)
	s.expectBindings(service, resource, editor.AccessBinding)

	expectDeltas(set(), noEditor)
	s.expectBindings(service, resource)
}

func delta(action access.AccessBindingAction, role, subject, kind string) *access.AccessBindingDelta {
	return &access.AccessBindingDelta{
		Action:        action,
		AccessBinding: &access.AccessBinding{RoleId: role, Subject: &access.Subject{Id: subject, Type: kind}},
	}
}

// expectBindings ends the program if the access bindings are not these.
func (s session) expectBindings(service bindable, resource string, wanted ...*access.AccessBinding) {
	listed := must(service.ListAccessBindings(s.ctx, &access.ListAccessBindingsRequest{ResourceId: resource, PageSize: wholeList}))
	expectSame(listed, &access.ListAccessBindingsResponse{AccessBindings: wanted})
}

// expectDeltas ends the program if a result that tells what has changed tells anything else, in whatever order.
func expectDeltas(result proto.Message, wanted ...*access.AccessBindingDelta) {
	if told, ok := result.(*access.AccessBindingsOperationResult); ok {
		slices.SortFunc(told.EffectiveDeltas, func(a, b *access.AccessBindingDelta) int { return int(a.Action - b.Action) })
		expectSame(told, &access.AccessBindingsOperationResult{EffectiveDeltas: wanted})
	}
}
