#!/bin/sh
# Makes the lists in this directory with OpenSSL 3.0 and a new key. Run it here.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = authority
[authority]
database = $work/index.txt
crlnumber = $work/crlnumber
certificate = root.pem
private_key = $work/key.pem
default_crl_days = 30
default_md = sha256
[v2]
authorityKeyIdentifier = keyid:always, issuer:always
[scoped]
issuingDistributionPoint = critical, @point
[point]
fullname = URI:http://ca.example.com/list.crl
onlyuser = TRUE
[delta]
deltaCRL = critical, ASN1:INTEGER:1
CNF
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out root.pem \
    -subj '/C=DE/O=Example/CN=List CA' -days 9000 -sha256 2> /dev/null
# Two entries, one of them with a reason and the time when the key was lost.
printf 'R\t401231235959Z\t250501000000Z\t1234\tunknown\t/CN=one\n' > "$work/index.txt"
printf 'R\t401231235959Z\t250502000000Z,keyTime,20250430120000Z\tD00FAB1E\tunknown\t/CN=two\n' >> "$work/index.txt"
list() {
    name=$1
    shift
    echo 1000 > "$work/crlnumber"
    openssl ca -gencrl -config "$work/ca.cnf" -crl_lastupdate 20250601000000Z \
        -crl_nextupdate 20250701000000Z -out "$work/list.pem" "$@" 2> /dev/null
    openssl crl -in "$work/list.pem" -outform DER -out "$name.der"
}
list plain
list extended -crlexts v2
list scoped -crlexts scoped
list delta -crlexts delta
list sha512 -md sha512
list sha1 -md sha1
list md5 -md md5
list pss -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
list pss-sha1 -md sha1 -sigopt rsa_padding_mode:pss
