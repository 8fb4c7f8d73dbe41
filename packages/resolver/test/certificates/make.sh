#!/bin/sh
# Makes the certificates of tests anew: keys that are no secret, of authorities that nobody trusts.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cat > "$work/ca.cnf" <<END
[ca]
default_ca = it
[it]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
END
: > "$work/index"

authority() { # NAME: a key and a certificate that signs itself
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key"
  openssl req -new -key "$work/$1.key" -subj "/CN=$1 of tests" -out "$work/$1.csr" \
    -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign
  openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -keyfile "$work/$1.key" \
    -in "$work/$1.csr" -out "$work/$1.pem" -startdate 20200101000000Z -enddate 21200101000000Z
}

server() { # FILE AUTHORITY NAMES END: a certificate for the one key of all servers
  openssl req -new -key server.key -subj /CN=server -out "$work/server.csr" \
    -addext "subjectAltName=$3" -addext extendedKeyUsage=serverAuth
  openssl ca -batch -notext -config "$work/ca.cnf" -cert "$work/$2.pem" -keyfile "$work/$2.key" \
    -in "$work/server.csr" -out "$1" -startdate 20200101000000Z -enddate "$4"
}

authority authority
authority stranger
cp "$work/authority.pem" authority.pem
openssl ecparam -name prime256v1 -genkey -noout -out server.key
openssl ecparam -name prime256v1 -genkey -noout -out "$work/other.key"
names=DNS:dns.corp.example,IP:127.0.0.1,IP:127.0.0.53
server server.pem authority $names 21200101000000Z
server expired.pem authority $names 20210101000000Z
server other-name.pem authority DNS:dns.other.example 21200101000000Z
server stranger.pem stranger $names 21200101000000Z
openssl req -new -key server.key -subj /CN=server -out "$work/server.csr" \
  -addext "subjectAltName=$names"
openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -keyfile server.key \
  -in "$work/server.csr" -out self-signed.pem -startdate 20200101000000Z -enddate 21200101000000Z
openssl pkey -in server.key -pubout -outform der | openssl dgst -sha256 -binary |
  openssl base64 > server.pin
