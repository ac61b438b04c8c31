/* A SIP server that answers OPTIONS, or a client that sends it, on Sofia-SIP.
   sofia serve|call PORT FOLDER; FOLDER holds agent.pem and cafile.pem. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sofia-sip/nua.h>
#include <sofia-sip/tport_tag.h>

static su_root_t *root;

static void on_event(nua_event_t event, int status, char const *phrase, nua_t *nua, nua_magic_t *magic,
                     nua_handle_t *handle, nua_hmagic_t *hmagic, sip_t const *sip, tagi_t tags[]) {
    if (event == nua_r_options && status >= 200) {
        printf("SIP/2.0 %d %s\n", status, phrase);
        fflush(stdout);
        su_root_break(root);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int is_server = strcmp(argv[1], "serve") == 0;
    char own[64], peer[64];
    snprintf(own, sizeof own, "sips:127.0.0.1:%s;transport=tls", is_server ? argv[2] : "*");
    snprintf(peer, sizeof peer, "sips:127.0.0.1:%s;transport=tls", argv[2]);
    su_init();
    root = su_root_create(NULL);
    nua_t *nua = nua_create(root, on_event, NULL,
                            NUTAG_URL("sip:127.0.0.1:*;transport=udp"), NUTAG_SIPS_URL(own),
                            NUTAG_CERTIFICATE_DIR(argv[3]),
                            TPTAG_TLS_VERIFY_POLICY(is_server ? TPTLS_VERIFY_INCOMING : TPTLS_VERIFY_ALL),
                            TAG_END());
    if (!nua) return 1;
    if (!is_server) {
        nua_handle_t *handle = nua_handle(nua, NULL, SIPTAG_TO_STR(peer), NUTAG_URL(peer), TAG_END());
        nua_options(handle, TAG_END());
    }
    su_root_run(root);
    return 0;
}
