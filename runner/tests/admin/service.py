"""The server: everything together on one port, with a record of every call, and faults on demand."""

import threading
import time
import traceback
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from flyteidl.admin import version_pb2
from flyteidl.service import (
    admin_pb2_grpc,
    auth_pb2,
    auth_pb2_grpc,
    dataproxy_pb2,
    dataproxy_pb2_grpc,
    identity_pb2,
    identity_pb2_grpc,
)

from admin.entities import Entities
from admin.files import Files
from admin.refusals import Refusal, invalid
from admin.replay import Replay

PAGE_OF_LOGIN = "http://127.0.0.1:9/login"


class Admin(Replay, admin_pb2_grpc.AdminServiceServicer):
    """Flyte's admin service."""

    def GetVersion(self, request, context):
        return version_pb2.GetVersionResponse(control_plane_version=version_pb2.Version(Version="v1.16.8"))


class DataProxy(dataproxy_pb2_grpc.DataProxyServiceServicer):
    """Signed URLs for uploads and downloads."""

    def __init__(self, entities: Entities, files: Files):
        self.entities = entities
        self.files = files

    def CreateUploadLocation(self, request, context):
        if not request.project or not request.domain:
            raise invalid("project and domain are required parameters")
        self.entities.need_domain(request.project, request.domain)
        path = f"{request.project}/{request.domain}/{request.content_md5.hex()}/{request.filename}"
        return dataproxy_pb2.CreateUploadLocationResponse(
            signed_url=self.files.url(path), native_url=f"s3://store/{path}"
        )

    def CreateDownloadLink(self, request, context):
        identifier = request.node_execution_id
        path = f"{identifier.execution_id.name}/{identifier.node_id}/deck.html"
        if path not in self.files.content:
            raise Refusal(grpc.StatusCode.NOT_FOUND, "object not found")
        return dataproxy_pb2.CreateDownloadLinkResponse(
            pre_signed_urls=dataproxy_pb2.PreSignedURLs(signed_url=[self.files.url(path)])
        )


class AuthMetadata(auth_pb2_grpc.AuthMetadataServiceServicer):
    """Where to log in."""

    def GetOAuth2Metadata(self, request, context):
        return auth_pb2.OAuth2MetadataResponse(
            issuer=PAGE_OF_LOGIN, authorization_endpoint=PAGE_OF_LOGIN, token_endpoint=PAGE_OF_LOGIN
        )

    def GetPublicClientConfig(self, request, context):
        return auth_pb2.PublicClientAuthConfigResponse(
            client_id="flytectl", redirect_uri="http://localhost:0/callback", scopes=["all"]
        )


class Identity(identity_pb2_grpc.IdentityServiceServicer):
    """Who is logged in."""

    def UserInfo(self, request, context):
        return identity_pb2.UserInfoResponse(name="a learner")


class Interceptor(grpc.ServerInterceptor):
    """Records calls, and puts faults in their way."""

    def __init__(self, service: "Service"):
        self.service = service

    def intercept_service(self, continuation, details):
        name = details.method.rpartition("/")[2]
        handler = continuation(details)
        if handler is None:
            return None

        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            self.service.calls.append(name)
            try:
                self.service.refuse(name, dict(context.invocation_metadata()))
                with self.service.lock:
                    done = handler.unary_unary(request, context)
                if name in self.service.lost:
                    self.service.lost.remove(name)
                    raise Refusal(grpc.StatusCode.UNAVAILABLE, "upstream connect error")
                return done
            except Refusal as refusal:
                context.abort(refusal.code, refusal.details)
            except Exception:
                # Not UNKNOWN, at which flytekit asks its user to log in.
                context.abort(grpc.StatusCode.INTERNAL, traceback.format_exc())

        return grpc.unary_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)


class Service:
    """The stand-in, started. Close it with `stop`.

    Attributes:
        admin: what it has, and what it does.
        files: its store.
        calls: the names of the calls, in order.
        token: what a call must bring to be let in; empty: nothing.
        slow: seconds before an answer.
        fault: called with the name of every call; what it raises ends the call.
        lost: names of calls that are carried out, and whose answer is lost on the way, once for each.
        endpoint: where it listens.
    """

    def __init__(self, certificate: tuple[bytes, bytes] | None = None):
        """Starts it; with a private key and a certificate it speaks TLS."""
        self.files = Files()
        self.admin = Admin(self.files)
        self.calls: list[str] = []
        self.token = ""
        self.slow = 0.0
        self.fault: Callable[[str], None] = lambda name: None
        self.lost: list[str] = []
        self.lock = threading.Lock()
        self.server = grpc.server(futures.ThreadPoolExecutor(8), interceptors=[Interceptor(self)])
        admin_pb2_grpc.add_AdminServiceServicer_to_server(self.admin, self.server)
        dataproxy_pb2_grpc.add_DataProxyServiceServicer_to_server(DataProxy(self.admin, self.files), self.server)
        auth_pb2_grpc.add_AuthMetadataServiceServicer_to_server(AuthMetadata(), self.server)
        identity_pb2_grpc.add_IdentityServiceServicer_to_server(Identity(), self.server)
        credentials = grpc.ssl_server_credentials([certificate]) if certificate else None
        address = "127.0.0.1:0"
        self.port = (
            self.server.add_secure_port(address, credentials) if credentials else self.server.add_insecure_port(address)
        )
        self.endpoint = f"localhost:{self.port}"
        self.server.start()

    def refuse(self, name: str, metadata: dict[str, str]) -> None:
        """Raises what keeps a call from being answered."""
        time.sleep(self.slow)
        self.fault(name)
        # Everybody may ask where to log in.
        public = ("GetOAuth2Metadata", "GetPublicClientConfig", "GetVersion")
        if self.token and name not in public and metadata.get("authorization") != f"Bearer {self.token}":
            raise Refusal(
                grpc.StatusCode.UNAUTHENTICATED, "token parse error [JWT_VERIFICATION_FAILED] token is expired"
            )

    def stop(self) -> None:
        self.server.stop(0)
        self.files.stop()
