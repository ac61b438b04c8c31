#!/bin/sh
# Makes the PKCS#12 files in this folder. Needs openssl 3, keytool, certtool (GnuTLS), certutil and pk12util (NSS).
set -eu
cd "$(dirname "$0")"
rm -f ./*.p12 ./*.pem ./*.der
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One key, its certificate and the CA's. NSS wants to know the CA before it exports it.
openssl ecparam -name prime256v1 -genkey -noout -out "$work/ca.key"
openssl req -x509 -key "$work/ca.key" -subj '/CN=The CA' -days 36500 -out "$work/ca.pem"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/key.pem"
openssl req -new -key "$work/key.pem" -subj '/CN=sip.example' -out "$work/csr.pem"
openssl x509 -req -in "$work/csr.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
    -days 36500 -out "$work/cert.pem"
openssl pkcs8 -topk8 -nocrypt -in "$work/key.pem" -outform DER -out key.der
openssl x509 -in "$work/cert.pem" -outform DER -out cert.der
openssl x509 -in "$work/ca.pem" -outform DER -out ca.der
all() { # OPTIONS...: what others import
    openssl pkcs12 -export -in "$work/cert.pem" -inkey "$work/key.pem" -certfile "$work/ca.pem" \
        -name friendly "$@"
}
all -passout pass:secret -out "$work/all.p12"

# Java.
java() { # FILE OPTIONS...
    file=$1
    shift
    keytool "$@" -importkeystore -noprompt -srckeystore "$work/all.p12" -srcstoretype PKCS12 -srcstorepass secret \
        -destkeystore "$file" -deststoretype PKCS12 -deststorepass secret
}
java keytool.p12
java keytool-legacy.p12 -J-Dkeystore.pkcs12.legacy
java keytool-nomac.p12 -J-Dkeystore.pkcs12.macAlgorithm=NONE -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE
keytool -importcert -noprompt -alias trusted -file "$work/ca.pem" -storetype PKCS12 -storepass secret \
    -keystore keytool-trusted.p12
# A secret key before the private one.
keytool -genseckey -alias a-secret -keyalg AES -keysize 128 -storetype PKCS12 -storepass secret \
    -keystore keytool-secret.p12
java keytool-secret.p12

# NSS.
mkdir "$work/nss"
certutil -N -d "$work/nss" --empty-password
certutil -A -d "$work/nss" -n ca -t CT,C,C -i "$work/ca.pem"
pk12util -i "$work/all.p12" -d "$work/nss" -W secret
nss() { # FILE PASSPHRASE OPTIONS...
    file=$1
    passphrase=$2
    shift 2
    pk12util -o "$file" -d "$work/nss" -n friendly -W "$passphrase" "$@"
}
nss nss.p12 secret
nss nss-empty.p12 ''
nss nss-rc2.p12 secret -c 'PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC' \
    -C 'PKCS #12 V2 PBE With SHA-1 And 128 Bit RC2 CBC' -M SHA-1
nss nss-camellia.p12 secret -c CAMELLIA-256-CBC

# GnuTLS.
gnutls() { # FILE OPTIONS...
    file=$1
    shift
    certtool --to-p12 --load-privkey "$work/key.pem" --load-certificate "$work/cert.pem" \
        --load-ca-certificate "$work/ca.pem" --p12-name friendly --outder --outfile "$file" "$@"
}
gnutls gnutls.p12 --password secret
gnutls gnutls-null.p12 --null-password
gnutls gnutls-rc2.p12 --password secret --pkcs-cipher rc2-40
gnutls gnutls-rc4.p12 --password secret --pkcs-cipher arcfour
chmod 644 ./*.p12 ./*.der
