/* A server that sends back what it gets, or a client that sends a request, on wolfSSL.
   wolfssl serve|call PORT 1.2|1.3 SUITES CHAIN KEY < REQUEST, in the folder with the authorities and their lists.
   SUITES, CHAIN and KEY may be empty. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

static char buffer[16384];

static void need(int is_good, const char *what) {
    if (is_good) return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static WOLFSSL_CTX *context(int is_server, int is_13, char **settings) {
    WOLFSSL_METHOD *method = is_server ? (is_13 ? wolfTLSv1_3_server_method() : wolfTLSv1_2_server_method())
                                       : (is_13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
    WOLFSSL_CTX *context = wolfSSL_CTX_new(method);
    need(context != NULL, "context");
    if (*settings[0]) need(wolfSSL_CTX_set_cipher_list(context, settings[0]) == SSL_SUCCESS, "suites");
    if (*settings[1]) {
        need(wolfSSL_CTX_use_certificate_chain_file(context, settings[1]) == SSL_SUCCESS, "chain");
        need(wolfSSL_CTX_use_PrivateKey_file(context, settings[2], SSL_FILETYPE_PEM) == SSL_SUCCESS, "key");
    }
    /* It takes the list of a CA that it knows only. */
    need(wolfSSL_CTX_load_verify_locations(context, "authorities.pem", NULL) == SSL_SUCCESS, "authorities");
    need(wolfSSL_CTX_EnableCRL(context, WOLFSSL_CRL_CHECKALL) == SSL_SUCCESS, "check of lists");
    need(wolfSSL_CTX_LoadCRLFile(context, "root.crl", SSL_FILETYPE_PEM) == SSL_SUCCESS, "list of the root");
    need(wolfSSL_CTX_LoadCRLFile(context, "issuing.crl", SSL_FILETYPE_PEM) == SSL_SUCCESS, "issuing list");
    wolfSSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return context;
}

static int is_done(WOLFSSL *connection, int result, const char *what) {
    if (result > 0) return 1;
    char text[WOLFSSL_MAX_ERROR_SZ];
    fprintf(stderr, "%s: %s\n", what, wolfSSL_ERR_error_string(wolfSSL_get_error(connection, result), text));
    return 0;
}

static void serve(WOLFSSL *connection) {
    int length;
    if (!is_done(connection, wolfSSL_accept(connection), "accept")) return;
    while ((length = wolfSSL_read(connection, buffer, sizeof buffer)) > 0)
        if (!is_done(connection, wolfSSL_write(connection, buffer, length), "write")) return;
    is_done(connection, length, "read");
    wolfSSL_shutdown(connection);
}

static void call(WOLFSSL *connection) {
    int length = fread(buffer, 1, sizeof buffer, stdin);
    need(wolfSSL_check_domain_name(connection, "localhost") == SSL_SUCCESS, "name");
    if (!is_done(connection, wolfSSL_connect(connection), "connect")) return;
    if (!is_done(connection, wolfSSL_write(connection, buffer, length), "write")) return;
    length = wolfSSL_read(connection, buffer, sizeof buffer);
    if (is_done(connection, length, "read")) printf("%.*s\n", length, buffer);
    wolfSSL_shutdown(connection);
}

static void run(WOLFSSL_CTX *context, int transport, void (*conversation)(WOLFSSL *)) {
    struct timeval limit = {.tv_sec = 5};
    setsockopt(transport, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(transport, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    WOLFSSL *connection = wolfSSL_new(context);
    need(connection != NULL, "connection");
    wolfSSL_set_fd(connection, transport);
    conversation(connection);
    wolfSSL_free(connection);
    close(transport);
}

int main(int argc, char **argv) {
    if (argc != 7) return 2;
    signal(SIGPIPE, SIG_IGN);
    alarm(120);
    wolfSSL_Init();
    int is_server = strcmp(argv[1], "serve") == 0, yes = 1;
    WOLFSSL_CTX *settings = context(is_server, strcmp(argv[3], "1.3") == 0, argv + 4);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int transport = socket(AF_INET, SOCK_STREAM, 0);
    if (!is_server) {
        need(connect(transport, (struct sockaddr *)&address, sizeof address) == 0, "connection");
        run(settings, transport, call);
        return 0;
    }
    setsockopt(transport, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    need(bind(transport, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    need(listen(transport, 5) == 0, "listen");
    for (;;) run(settings, accept(transport, NULL, NULL), serve);
}
