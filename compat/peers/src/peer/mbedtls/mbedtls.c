/* A server that sends back what it gets, or a client that sends a request, on Mbed TLS 2.28.
   mbedtls serve|call PORT SUITE CHAIN KEY < REQUEST, in the folder with root.pem and the lists.
   SUITE, CHAIN and KEY may be empty. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>

static unsigned char buffer[16384];
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_numbers;
static mbedtls_x509_crt root, chain;
static mbedtls_x509_crl lists;
static mbedtls_pk_context key;
static mbedtls_ssl_config config;
static int suites[2];

static int is_done(int result, const char *what) {
    char text[200];
    if (result >= 0) return 1;
    mbedtls_strerror(result, text, sizeof text);
    fprintf(stderr, "%s: %s\n", what, text);
    return 0;
}

static void need(int result, const char *what) {
    if (!is_done(result, what)) exit(1);
}

static void configure(int is_server, char **settings) {
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_numbers);
    need(mbedtls_ctr_drbg_seed(&random_numbers, mbedtls_entropy_func, &entropy, NULL, 0), "random numbers");
    mbedtls_x509_crt_init(&root);
    mbedtls_x509_crt_init(&chain);
    mbedtls_x509_crl_init(&lists);
    mbedtls_pk_init(&key);
    need(mbedtls_x509_crt_parse_file(&root, "root.pem"), "root");
    need(mbedtls_x509_crl_parse_file(&lists, "lists.crl"), "lists");
    mbedtls_ssl_config_init(&config);
    need(mbedtls_ssl_config_defaults(&config, is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                     MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT), "defaults");
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_numbers);
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&config, &root, &lists);
    mbedtls_ssl_conf_read_timeout(&config, 5000);
    if (*settings[0]) {
        suites[0] = mbedtls_ssl_get_ciphersuite_id(settings[0]);
        need(suites[0] ? 0 : MBEDTLS_ERR_SSL_BAD_INPUT_DATA, "suite");
        mbedtls_ssl_conf_ciphersuites(&config, suites);
    }
    if (*settings[1]) {
        need(mbedtls_x509_crt_parse_file(&chain, settings[1]), "chain");
        need(mbedtls_pk_parse_keyfile(&key, settings[2], NULL), "key");
        need(mbedtls_ssl_conf_own_cert(&config, &chain, &key), "certificate");
    }
}

static void serve(mbedtls_ssl_context *connection) {
    int length;
    while ((length = mbedtls_ssl_read(connection, buffer, sizeof buffer)) > 0)
        if (!is_done(mbedtls_ssl_write(connection, buffer, length), "write")) return;
    is_done(length, "read");
}

static void call(mbedtls_ssl_context *connection) {
    int length = fread(buffer, 1, sizeof buffer, stdin);
    if (!is_done(mbedtls_ssl_write(connection, buffer, length), "write")) return;
    length = mbedtls_ssl_read(connection, buffer, sizeof buffer);
    if (is_done(length, "read")) printf("%.*s\n", length, buffer);
}

static void run(mbedtls_net_context *transport, void (*conversation)(mbedtls_ssl_context *)) {
    mbedtls_ssl_context connection;
    mbedtls_ssl_init(&connection);
    need(mbedtls_ssl_setup(&connection, &config), "connection");
    need(mbedtls_ssl_set_hostname(&connection, "localhost"), "name");
    mbedtls_ssl_set_bio(&connection, transport, mbedtls_net_send, NULL, mbedtls_net_recv_timeout);
    if (is_done(mbedtls_ssl_handshake(&connection), "handshake")) conversation(&connection);
    mbedtls_ssl_close_notify(&connection);
    mbedtls_ssl_free(&connection);
    mbedtls_net_free(transport);
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    signal(SIGPIPE, SIG_IGN);
    alarm(120);
    int is_server = strcmp(argv[1], "serve") == 0;
    configure(is_server, argv + 3);
    mbedtls_net_context listener, transport;
    mbedtls_net_init(&listener);
    mbedtls_net_init(&transport);
    if (!is_server) {
        need(mbedtls_net_connect(&transport, "127.0.0.1", argv[2], MBEDTLS_NET_PROTO_TCP), "connection");
        run(&transport, call);
        return 0;
    }
    need(mbedtls_net_bind(&listener, "127.0.0.1", argv[2], MBEDTLS_NET_PROTO_TCP), "bind");
    for (;;) {
        need(mbedtls_net_accept(&listener, &transport, NULL, 0, NULL), "accept");
        run(&transport, serve);
    }
}
