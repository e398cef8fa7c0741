package main

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

// answerLimit is how long the engine may take to answer "are you there" after its connection broke.
const answerLimit = 2 * time.Second

// awaitEngineEnd returns when the engine at the address is gone, or when ctx ends.
//
// It keeps a connection open and looks when that breaks, which the kernel does at the moment when an engine is killed;
// rpcutil.Healthcheck asks every few minutes and leaves the host behind for as long. A connection that broke for another
// reason (an idle one is closed after some time) is told apart by asking the engine.
func awaitEngineEnd(ctx context.Context, address string) error {
	connection, err := grpc.NewClient(
		address, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return err
	}
	defer connection.Close()
	for ctx.Err() == nil {
		connection.Connect()
		if !answers(ctx, connection) {
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

// answers tells whether the engine is there. An engine that has no health service answers Unimplemented, and is there.
func answers(ctx context.Context, connection *grpc.ClientConn) bool {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	return err == nil || status.Code(err) == codes.Unimplemented
}
