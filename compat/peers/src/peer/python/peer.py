"""A TLS peer made with Python's module ssl: `peer.py serve|call PORT SETTINGS`, where SETTINGS is JSON."""

import json
import signal
import socket
import ssl
import sys


def context(role, settings):
    side = ssl.PROTOCOL_TLS_SERVER if role == "serve" else ssl.PROTOCOL_TLS_CLIENT
    context = ssl.SSLContext(side)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[settings["version"]]
    context.set_ciphers(settings["ciphers"])
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(settings["authorities"])
    context.load_verify_locations(settings["lists"])
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    if role == "serve":
        context.load_dh_params(settings["dh"])
    if settings["chain"]:
        context.load_cert_chain(settings["chain"], settings["key"])
    return context


def serve(port, context):
    """Sends back what comes, one connection after another."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            transport, _ = listener.accept()
            transport.settimeout(5)
            try:
                with context.wrap_socket(transport, server_side=True) as connection:
                    while data := connection.recv(4096):
                        connection.sendall(data)
            except OSError as error:
                print(error, flush=True)


def call(port, context, request):
    """Sends a request and prints the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as transport:
        with context.wrap_socket(transport, server_hostname="localhost") as connection:
            connection.sendall(request.encode())
            print(connection.recv(4096).decode())


if __name__ == "__main__":
    signal.alarm(120)
    role, port, settings = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    if role == "serve":
        serve(port, context(role, settings))
    else:
        call(port, context(role, settings), settings["request"])
