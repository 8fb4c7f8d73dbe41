/** The settings of what is listened at. */
import { endpoints, networks, secret, unixSocket, yesOrNo } from "./setting-kinds.ts";
import { setting } from "./setting-row.ts";

export const listenSettings = {
  "listen.dns": setting(
    endpoints,
    ["127.0.0.1:5335", "[::1]:5335"],
    "addresses to answer at, UDP and TCP",
  ),
  "listen.tls": setting(
    endpoints,
    ["127.0.0.1:8853", "[::1]:8853"],
    "addresses of DNS over TLS (RFC 7858); where they are taken these two are left out",
  ),
  "listen.https": setting(
    endpoints,
    ["127.0.0.1:8443", "[::1]:8443"],
    "addresses of DNS over HTTPS (RFC 8484), HTTP/2 and 1.1, and of DNS over TLS for who offers " +
      '"dot"; where they are taken these two are left out',
  ),
  "listen.quic": setting(
    endpoints,
    ["127.0.0.1:8853", "[::1]:8853"],
    "addresses to answer at over QUIC, in a process of its own; none where empty",
  ),
  "listen.http3": setting(
    yesOrNo,
    true,
    "HTTP/3 beside HTTPS, at the same addresses and ports over UDP, in the QUIC process",
  ),
  "listen.admin": setting(
    unixSocket,
    undefined,
    'socket for "lethe control", as "unix:PATH"; none where absent',
  ),
  "listen.proxy-from": setting(
    networks,
    [],
    "networks of proxies, whose questions all begin with a PROXY header, version 2, that tells " +
      "whose they are; nobody else's do",
  ),
  "listen.cookie-secret": setting(
    secret,
    undefined,
    "32 hex digits that cookies for clients are made with, alike in all servers at one address " +
      "(RFC 9018); random where absent",
  ),
} as const;
