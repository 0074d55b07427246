package main

import (
	"log"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// resource is what the provider keeps of one thing in its state, and how it reads and changes it.
type resource[Request, Shown proto.Message] struct {
	// name is an update that names the thing, and asks for nothing yet.
	name func() Request
	// update makes an update, and waits for it.
	update func(Request) error
	// read is what a refresh reads.
	read func() Shown
	// operations tells what the operations of the thing's cluster did, newest first.
	operations func() []string
	// shownAt leads from a path of a mask to where the same is sent, and to where it is read.
	shownAt func(path string) (sent, shown string)
	// derive fills in what follows from the rest; nil if nothing does.
	derive func(Shown)
	// state is what must be read.
	state Shown
}

// change is a change of one attribute, or of some together: the mask, its paths separated by spaces, and the request in text format.
type change struct{ mask, sent string }

// changeEach makes one change after the other.
func (r *resource[Request, Shown]) changeEach(changes []change) {
	for _, change := range changes {
		r.change(change)
	}
}

// change makes a change. The thing then reads as it was sent, and all else as before. The same change again changes nothing: it is
// refused, and no operation tells of it.
func (r *resource[Request, Shown]) change(change change) {
	request := r.request(change)
	r.send(change, request)
	r.overwrite(request.ProtoReflect(), strings.Fields(change.mask))
	r.expectState(change.mask)
	after := r.operations()
	expectUnchanged(r.update(r.request(change)))
	expectList(r.operations(), after...)
}

// changeSecret makes a change of a password, which is never read, and which every update changes.
func (r *resource[Request, Shown]) changeSecret(change change) {
	for range 2 {
		r.send(change, r.request(change))
		r.expectState(change.mask)
	}
}

// send sends a change, of which one operation tells.
func (r *resource[Request, Shown]) send(change change, request Request) {
	before := r.operations()
	if err := r.update(request); err != nil {
		log.Panicf("%s with %s: %v", change.mask, change.sent, err)
	}
	expectList(r.operations()[1:], before...)
}

// expectSent ends the program if the thing does not read as these changes would have made it: it was created with them.
func (r *resource[Request, Shown]) expectSent(changes []change) {
	for _, change := range changes {
		r.overwrite(r.request(change).ProtoReflect(), strings.Fields(change.mask))
	}
	r.expectState("create")
}

// destroy deletes a cluster, which stays as long as it is protected. Deleted again it is not found, which means done.
func (r *resource[Request, Shown]) destroy(remove func() error) {
	r.change(change{"deletion_protection", "deletion_protection: true"})
	before := r.operations()
	expectRefusal(remove(), codes.FailedPrecondition, isProtected)
	expectList(r.operations(), before...)
	r.change(change{"deletion_protection", "deletion_protection: false"})
	must(0, remove())
	expect(status.Code(remove()), codes.NotFound)
}

// expectState reads the thing twice, and ends the program if it does not read as it must.
func (r *resource[Request, Shown]) expectState(after string) {
	for range 2 {
		if read := r.read(); !proto.Equal(read, r.state) {
			log.Panicf("after %s\ngot %v,\nbut should be %v", after, read, r.state)
		}
	}
}

// request is the update that a change sends.
func (r *resource[Request, Shown]) request(change change) Request {
	request := r.name()
	proto.Merge(request, parse(request.ProtoReflect().New().Interface(), change.sent))
	if paths := strings.Fields(change.mask); len(paths) > 0 {
		fields := request.ProtoReflect().Descriptor().Fields()
		mask := &fieldmaskpb.FieldMask{Paths: paths}
		request.ProtoReflect().Set(fields.ByName("update_mask"), protoreflect.ValueOfMessage(mask.ProtoReflect()))
	}
	return request
}

// overwrite is what a mask means: what it names is as it was sent, and gone if it was not sent. The provider's masks have paths that lead
// nowhere, which mean nothing.
func (r *resource[Request, Shown]) overwrite(request protoreflect.Message, mask []string) {
	for _, path := range mask {
		sent, shown := r.shownAt(path)
		value := lookUp(request, strings.Split(sent, "."))
		put(r.state.ProtoReflect(), strings.Split(shown, "."), value)
	}
	if r.derive != nil {
		r.derive(r.state)
	}
}

// with adds to a request what changes would send.
func with[Request proto.Message](request Request, changes []change) Request {
	for _, change := range changes {
		proto.Merge(request, parse(request.ProtoReflect().New().Interface(), change.sent))
	}
	return request
}

// lookUp is what is at a path; not valid if there is nothing.
func lookUp(message protoreflect.Message, path []string) protoreflect.Value {
	field := message.Descriptor().Fields().ByName(protoreflect.Name(path[0]))
	switch {
	case field == nil || !message.Has(field):
		return protoreflect.Value{}
	case len(path) == 1:
		return message.Get(field)
	default:
		return lookUp(message.Get(field).Message(), path[1:])
	}
}

// put sets what is at a path; a value that is not valid clears it.
func put(message protoreflect.Message, path []string, value protoreflect.Value) {
	field := message.Descriptor().Fields().ByName(protoreflect.Name(path[0]))
	switch {
	case field == nil:
	case len(path) > 1 && (value.IsValid() || message.Has(field)):
		put(message.Mutable(field).Message(), path[1:], value)
	case len(path) > 1:
	case value.IsValid():
		message.Set(field, value)
	default:
		message.Clear(field)
	}
}

// overlay is a copy of what is below, with each field that is set above in place of its own.
func overlay[Message proto.Message](below, above Message) Message {
	both := proto.CloneOf(below)
	above.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		both.ProtoReflect().Set(field, value)
		return true
	})
	return both
}

// settings makes a change of each setting of a row `name: value`, at a path of the mask.
func settings(at string, rows ...string) []change {
	return each(rows, func(row string) change {
		name, _, _ := strings.Cut(row, ":")
		sent := row
		parents := strings.Split(at, ".")
		for place := len(parents) - 1; place >= 0; place-- {
			sent = parents[place] + " { " + sent + " }"
		}
		return change{at + "." + name, sent}
	})
}

// inConfig is where clusters show what an update sends: in `config` what was in `config_spec`.
func inConfig(path string) (sent, shown string) {
	if rest, ok := strings.CutPrefix(path, "config_spec."); ok {
		return path, "config." + rest
	}
	return path, path
}

// asSent is where users, databases and hosts show what an update sends.
func asSent(path string) (sent, shown string) {
	return path, path
}
