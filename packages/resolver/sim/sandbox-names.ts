/**
 * Names of the sandbox that are worth asking for: what each shows, and what Lethe says.
 *
 * `lethe sandbox` prints them, docs/sandbox.md is made of them, and a test asks them all.
 */

export interface SandboxName {
  readonly name: string;
  readonly type: string;
  readonly shows: string;
  /** RCODE, AD where it is secure, then the answer's last record or the code of the EDE. */
  readonly says: string;
}

type Row = readonly [name: string, type: string, shows: string, says: string];

const ORDINARY: readonly Row[] = [
  ["www.good.lethe", "A", "a zone that does everything right", "NOERROR AD 198.18.2.1"],
  ["www.plain.lethe", "A", "the same, never signed", "NOERROR 198.18.3.1"],
  ["www.bogus.lethe", "A", "the same, with signatures that do not verify", "SERVFAIL 6"],
  ["nowhere.good.lethe", "A", "a signed denial", "NXDOMAIN AD"],
  ["any.wild.good.lethe", "TXT", "a signed wildcard", 'NOERROR AD "a wildcard"'],
  ["deep.moved.good.lethe", "A", "a signed DNAME", "NOERROR AD 198.18.2.3"],
  ["example.com", "A", "an ordinary name, signed", "NOERROR AD 198.18.1.1"],
  ["example.org", "AAAA", "an ordinary name, IPv6", "NOERROR 2001:db8:3::1"],
  ["www.example.net", "A", "an alias to the zone's own name", "NOERROR 198.18.11.1"],
  ["example.com", "MX", "no mail here (RFC 7505)", "NOERROR AD 0 ."],
  [
    "www.river-news.com",
    "A",
    "an alias to a delivery network in another zone",
    "NOERROR 198.18.30.8",
  ],
  ["river-news.com", "MX", "two mail servers", "NOERROR 20 mx2.river-news.com."],
  [
    "river-news.com",
    "HTTPS",
    "HTTPS and SVCB (RFC 9460)",
    'NOERROR 1 . alpn="h2,h3" ipv4hint=198.18.20.1',
  ],
  ["_imaps._tcp.river-news.com", "SRV", "services", "NOERROR 10 5 993 mx2.river-news.com."],
  ["data.river-news.com", "A", "a name that only stands above others", "NOERROR no data"],
  ["nowhere.river-news.com", "A", "a name that is not there", "NXDOMAIN"],
  ["bücher.com", "A", "an internationalised name", "NOERROR 198.18.21.1"],
  ["any.pages.near-cdn.net", "A", "a wildcard", "NOERROR 198.18.30.20"],
  ["taken.pages.near-cdn.net", "A", "no wildcard where a name is", "NOERROR no data"],
  ["reading.room.old-name.org", "A", "a DNAME: all below it moved", "NOERROR 198.18.41.3"],
  ["library.org", "A", "an ordinary name", "NOERROR 198.18.41.1"],
  ["1.1.18.198.in-addr.arpa", "PTR", "an address's name", "NOERROR example.com."],
  ["many.big.lethe", "A", "120 addresses: over TCP", "NOERROR 198.18.5.120"],
  ["txt.big.lethe", "TXT", "30 texts: over TCP", "NOERROR"],
  ["www.glueless.lethe", "A", "a server in another zone", "NOERROR 198.18.3.1"],
  ["w37.chain.lethe", "A", "four aliases", "NOERROR 198.18.3.1"],
];

const BROKEN: readonly Row[] = [
  ["www.slow.lethe", "A", "a server that takes 400 ms", "NOERROR 198.18.3.1"],
  ["www.halfdead.lethe", "A", "one silent server of two", "NOERROR 198.18.3.1"],
  ["www.wrongglue.lethe", "A", "a wrong address in the parent", "NOERROR 198.18.3.1"],
  ["www.noedns.lethe", "A", "a server that drops EDNS", "NOERROR 198.18.3.1"],
  ["www.formerr.lethe", "A", "FORMERR to EDNS", "NOERROR 198.18.3.1"],
  ["www.plaindns.lethe", "A", "a server from before EDNS", "NOERROR 198.18.3.1"],
  ["www.foldcase.lethe", "A", "a server that folds letter case", "NOERROR 198.18.3.1"],
  ["www.truncated.lethe", "A", "a server that truncates everything", "NOERROR 198.18.3.1"],
  ["www.oversize.lethe", "A", "100 addresses over UDP, unasked", "NOERROR 198.18.6.100"],
  ["www.a.b.ent.lethe", "A", "NXDOMAIN for names above others", "NOERROR 198.18.3.1"],
  ["www.newtypes.lethe", "A", "SERVFAIL only for types it does not know", "NOERROR 198.18.3.1"],
  ["www.newtypes.lethe", "HTTPS", "SERVFAIL for types it does not know", "SERVFAIL 23"],
  ["www.noaa.lethe", "A", "answers without authority", "NOERROR 198.18.3.1"],
  ["www.lame.lethe", "A", "two servers, neither has the zone", "SERVFAIL 22 23"],
  ["www.refused.lethe", "A", "a server that refuses", "SERVFAIL 22 23"],
  ["www.servfail.lethe", "A", "a server that fails", "SERVFAIL 23"],
  ["www.dead.lethe", "A", "two servers, neither replies", "SERVFAIL 22"],
  ["www.notcp.lethe", "A", "truncated over UDP, silent over TCP", "SERVFAIL 22"],
  ["www.wrongid.lethe", "A", "replies with another id", "SERVFAIL 22"],
  ["www.wrongquestion.lethe", "A", "replies to another question", "SERVFAIL 22"],
  ["www.garbage.lethe", "A", "bytes that are no records", "SERVFAIL 24"],
  ["www.loop.lethe", "A", "aliases in a circle", "SERVFAIL 0"],
  ["w30.chain.lethe", "A", "eleven aliases: as many as are followed", "NOERROR 198.18.3.1"],
  ["w1.chain.lethe", "A", "forty aliases in one reply", "SERVFAIL 0"],
  ["www.refloop.lethe", "A", "referrals to the zone itself", "SERVFAIL 22"],
  ["www.selfns.lethe", "A", "a server named below itself, no glue", "SERVFAIL 22"],
  ["www.circular-a.lethe", "A", "two zones, each served at a name in the other", "SERVFAIL 22"],
  ["www.nxns.lethe", "A", "30 servers, none of which is there", "SERVFAIL 22"],
];

/** Zones that attack whoever validates them (sandbox-attacks.ts). */
const ATTACKING: readonly Row[] = [
  ["any.keytrap.attacks.lethe", "A", "32 keys of one tag, 32 wrong signatures", "SERVFAIL 6"],
  ["any.sigjam.attacks.lethe", "A", "one key, 32 wrong signatures", "SERVFAIL 6"],
  ["any.lockcram.attacks.lethe", "A", "32 keys of one tag, one wrong signature", "SERVFAIL 6"],
  ["any.rsa.attacks.lethe", "A", "wrong signatures of a large RSA key", "SERVFAIL 6"],
  ["any.algorithms.attacks.lethe", "A", "wrong signatures of six algorithms", "SERVFAIL 6"],
  ["any.records.attacks.lethe", "A", "400 addresses with wrong signatures", "SERVFAIL 6"],
  ["www.chaintrap.attacks.lethe", "A", "eight keys of one tag, none signs the keys", "SERVFAIL 6"],
  ["www.hashtrap.attacks.lethe", "A", "32 DS records for 32 keys, no digest fits", "SERVFAIL 9"],
  ["www.ds.attacks.lethe", "A", "33 DS records, the last one is right", "SERVFAIL 9"],
  ["nowhere.nsec3.attacks.lethe", "A", "NSEC3 with a salt of 255 bytes", "NXDOMAIN AD"],
  [`${"a.".repeat(30)}nsec3.attacks.lethe`, "A", "the same, thirty labels deep", "SERVFAIL 6"],
  ["no.nsec3-iterations.attacks.lethe", "A", "NSEC3 with 500 iterations", "NXDOMAIN 27"],
  ["no.nsec3-records.attacks.lethe", "A", "a denial of 35 NSEC3 records", "NXDOMAIN AD"],
  ["www.few-labels.attacks.lethe", "A", "fewer labels than the signer has", "SERVFAIL 6"],
  ["no.next-outside.attacks.lethe", "A", "NSEC up to a name outside of the zone", "SERVFAIL 12"],
  ["no.nsec3-below.attacks.lethe", "A", "NSEC3 not right below the signer", "SERVFAIL 6"],
  ["www.victim.wildcard-nsec.attacks.lethe", "A", "a wildcard's NSEC denies a DS", "SERVFAIL 12"],
  ["www.victim.wildcard-alias.attacks.lethe", "A", "a wildcard's CNAME for a DS", "SERVFAIL 6"],
  ["www.victim.from-above.attacks.lethe", "A", "a proof from above a known DS", "SERVFAIL 10"],
  [
    "www.moved.dname-alias.attacks.lethe",
    "A",
    "a CNAME that its DNAME does not make",
    "SERVFAIL 6",
  ],
];

export const sandboxNames: readonly SandboxName[] = [...ORDINARY, ...BROKEN, ...ATTACKING].map(
  ([name, type, shows, says]) => ({ name, type, shows, says }),
);
