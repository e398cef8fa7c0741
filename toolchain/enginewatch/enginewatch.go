// Package enginewatch tells a plugin when the engine that started it is gone.
package enginewatch

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// answerLimit is how long one question to the engine may take.
const answerLimit = 2 * time.Second

// AwaitEnd returns when the engine at the address is gone, or when ctx ends. The error is an address that cannot be
// understood; nothing is known about the engine then.
//
// It keeps a connection open and looks when that breaks, which the kernel does at the moment when an engine is killed;
// rpcutil.Healthcheck asks every few minutes, and leaves the plugin behind for as long. A connection that broke for
// another reason (an idle one is closed after some time) is told apart by asking the engine.
func AwaitEnd(ctx context.Context, address string) error {
	connection, err := grpc.NewClient(
		address, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return err
	}
	defer connection.Close()
	for ctx.Err() == nil {
		if isGone(ctx, connection) {
			return nil
		}
		for state := connection.GetState(); state == connectivity.Ready; state = connection.GetState() {
			if !connection.WaitForStateChange(ctx, state) {
				return nil
			}
		}
	}
	return nil
}

// isGone asks the engine. One that answers "unimplemented" is there, and so is one that takes its time: a machine may be
// busy, or asleep. A process that has ended refuses the connection.
func isGone(ctx context.Context, connection *grpc.ClientConn) bool {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	return status.Code(err) == codes.Unavailable
}
