"""A second implementation of transparency logs, from the specifications alone.

RFC 6962 section 2.1 (trees and proofs), RFC 8032 (Ed25519), and C2SP's signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-witness. Python's standard library only, and
nothing shared with the package that it examines: it recomputes everything from the entries.

    python3 independent.py examine < logs.json    of each served log whether it holds, as JSON
    python3 independent.py make SIZE...           logs of its own, in the same form
"""
import base64
import hashlib
import json
import re
import sys

# RFC 8032, section 5.1: the curve.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * t1 * t2 * D % P
    h = 2 * z1 * z2 % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def decode_point(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(octets) != 32 or y >= P:
        raise ValueError("no point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def encode_point(point):
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def scalar(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L


def expanded(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return a, h[32:]


def public_key(seed):
    return encode_point(times(expanded(seed)[0], BASE))


def ed25519_sign(seed, message):
    a, prefix = expanded(seed)
    key = encode_point(times(a, BASE))
    r = scalar(prefix, message)
    big_r = encode_point(times(r, BASE))
    return big_r + ((r + scalar(big_r, key, message) * a) % L).to_bytes(32, "little")


def ed25519_check(key, message, signature):
    if len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    try:
        a, big_r = decode_point(key), decode_point(signature[:32])
    except ValueError:
        return False
    right = add(big_r, times(scalar(signature[:32], key, message), a))
    return s < L and encode_point(times(s, BASE)) == encode_point(right)


# RFC 6962, section 2.1: trees, as the definitions have them.
def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    def __init__(self, leaves):
        self.leaves = leaves
        self.known = {}

    def mth(self, start, end):
        n = end - start
        if n == 0:
            return hashlib.sha256().digest()
        if n == 1:
            return self.leaves[start]
        if (start, end) not in self.known:
            k = split(n)
            self.known[start, end] = node_hash(
                self.mth(start, start + k), self.mth(start + k, end)
            )
        return self.known[start, end]

    def path(self, m, start, end):
        n = end - start
        if n <= 1:
            return []
        k = split(n)
        if m < k:
            return self.path(m, start, start + k) + [self.mth(start + k, end)]
        return self.path(m - k, start + k, end) + [self.mth(start, start + k)]

    def subproof(self, m, start, end, whole):
        n = end - start
        if m == n:
            return [] if whole else [self.mth(start, end)]
        k = split(n)
        if m <= k:
            return self.subproof(m, start, start + k, whole) + [self.mth(start + k, end)]
        return self.subproof(m - k, start + k, end, False) + [self.mth(start, start + k)]


def split(n):
    return 1 << ((n - 1).bit_length() - 1)


# signed-note.
def b64(octets):
    return base64.b64encode(octets).decode()


def unb64(text):
    octets = base64.b64decode(text, validate=True)
    if b64(octets) != text:
        raise ValueError("not canonical base64")
    return octets


def key_id(name, kind, key):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def vkey_text(name, kind, key):
    return f"{name}+{key_id(name, kind, key).hex()}+{b64(bytes([kind]) + key)}"


def vkey(text):
    name, ident, rest = text.split("+", 2)
    octets = unb64(rest)
    kind, key = octets[0], octets[1:]
    if key_id(name, kind, key).hex() != ident:
        raise ValueError("a key's id is not its own")
    return name, bytes.fromhex(ident), kind, key


def cosigned(text, timestamp):
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def open_note(octets, keys):
    """The text, and the names of the keys that signed it; every known one must be right."""
    note = octets.decode("utf-8")
    if re.search("[\x00-\x09\x0b-\x1f]", note) or "\n\n" not in note:
        raise ValueError("no note")
    at = note.rindex("\n\n")
    text, lines = note[: at + 1], note[at + 2 :]
    if not lines.endswith("\n"):
        raise ValueError("the last line does not end")
    signers = []
    for line in lines[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ +]+) ([0-9A-Za-z+/=]+)", line)
        if match is None:
            raise ValueError("no signature line")
        octets = unb64(match[2])
        for name, ident, kind, key in keys:
            if (name, ident) != (match[1], octets[:4]):
                continue
            signature, message = octets[4:], text.encode()
            if kind == 4:
                message = cosigned(text, int.from_bytes(signature[:8], "big"))
                signature = signature[8:]
            if not ed25519_check(key, message, signature):
                raise ValueError(f"a signature is not that of {name}")
            signers.append(name)
    return text, signers


def checkpoint(text):
    origin, size, root = text.split("\n")[:3]
    if not re.fullmatch("0|[1-9][0-9]*", size) or len(unb64(root)) != 32:
        raise ValueError("no checkpoint")
    return origin, int(size), unb64(root)


# tlog-tiles.
def tile_path(level, index, width):
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/" + "/".join(parts) + ("" if width == 256 else f".p/{width}")


def tiles(tree, entries, size):
    """Every resource that a log of this size serves beside its checkpoint."""
    files = {}
    for first in range(0, size, 256):
        bundle = entries[first : min(first + 256, size)]
        octets = b"".join(len(one).to_bytes(2, "big") + one for one in bundle)
        files[tile_path("entries", first // 256, len(bundle))] = octets
    level, span = 0, 1
    while size // span:
        count = size // span
        for first in range(0, count, 256):
            row = range(first, min(first + 256, count))
            octets = b"".join(tree.mth(i * span, (i + 1) * span) for i in row)
            files[tile_path(level, first // 256, len(row))] = octets
        level, span = level + 1, span * 256
    return files


def bundle_entries(octets):
    entries = []
    while octets:
        size = int.from_bytes(octets[:2], "big")
        if len(octets) < 2 + size:
            raise ValueError("a bundle is cut short")
        entries.append(octets[2 : 2 + size])
        octets = octets[2 + size :]
    return entries


def examine(log):
    """What holds of a served log; raises where anything does not."""
    keys = [vkey(one) for one in log["keys"]]
    note = unb64(log["checkpoint"])
    text, signers = open_note(note, keys)
    if sorted(signers) != sorted(key[0] for key in keys):
        raise ValueError("not everybody signed")
    origin, size, root = checkpoint(text)
    files = {path: unb64(octets) for path, octets in log["files"].items()}
    entries = []
    for first in range(0, size, 256):
        width = min(256, size - first)
        bundle = bundle_entries(files[tile_path("entries", first // 256, width)])
        if len(bundle) != width:
            raise ValueError("a bundle has another width")
        entries += bundle
    tree = Tree([leaf_hash(entry) for entry in entries])
    if tree.mth(0, size) != root:
        raise ValueError("the entries lead to another root")
    if tiles(tree, entries, size) != files:
        raise ValueError("the files are not those of the tree")
    for one in log["inclusion"]:
        if [unb64(h) for h in one["proof"]] != tree.path(one["index"], 0, size):
            raise ValueError(f"the proof of leaf {one['index']} differs")
    for one in log["consistency"]:
        proof = tree.subproof(one["old"], 0, size, True) if one["old"] else []
        if [unb64(h) for h in one["proof"]] != proof:
            raise ValueError(f"the proof from size {one['old']} differs")
    if "request" in log:
        head, _, rest = unb64(log["request"]).partition(b"\n\n")
        old, *proof = head.decode().split("\n")
        size_before = int(re.fullmatch("old (0|[1-9][0-9]*)", old)[1])
        expected = tree.subproof(size_before, 0, size, True) if size_before else []
        if [unb64(h) for h in proof] != expected or open_note(rest, keys[:1])[0] != text:
            raise ValueError("the request is another")
    return {"origin": origin, "size": size, "signers": signers}


def make(size, seed):
    """A log of its own: some entries, all files, all proofs of one size."""
    entries = [hashlib.sha256(f"{seed} {i}".encode()).digest() * (i % 3) for i in range(size)]
    tree = Tree([leaf_hash(entry) for entry in entries])
    log_seed = hashlib.sha256(f"log {seed}".encode()).digest()
    witness_seed = hashlib.sha256(f"witness {seed}".encode()).digest()
    log = vkey_text("independent.example/log", 1, public_key(log_seed))
    witness = vkey_text("independent.example/witness", 4, public_key(witness_seed))
    text = f"independent.example/log\n{size}\n{b64(tree.mth(0, size))}\n"
    own = vkey(log)[1] + ed25519_sign(log_seed, text.encode())
    stamp = 1700000000 + seed
    word = ed25519_sign(witness_seed, cosigned(text, stamp))
    other = vkey(witness)[1] + stamp.to_bytes(8, "big") + word
    own_line = f"\u2014 independent.example/log {b64(own)}\n"
    other_line = f"\u2014 independent.example/witness {b64(other)}\n"
    old = size // 2
    proof = tree.subproof(old, 0, size, True) if old else []
    lines = "".join(b64(h) + "\n" for h in proof)
    request = f"old {old}\n{lines}\n{text}\n{own_line}"
    some = sorted({0, size // 3, size - 1} | set(range(min(size, 20))))
    return {
        "keys": [log, witness],
        "checkpoint": b64(f"{text}\n{own_line}{other_line}".encode()),
        "files": {path: b64(octets) for path, octets in tiles(tree, entries, size).items()},
        "inclusion": [
            {"index": i, "proof": [b64(h) for h in tree.path(i, 0, size)]} for i in some
        ],
        "consistency": [
            {
                "old": i + 1,
                "root": b64(tree.mth(0, i + 1)),
                "proof": [b64(h) for h in tree.subproof(i + 1, 0, size, True)],
            }
            for i in some
        ],
        "oldRoot": b64(tree.mth(0, old)),
        "request": b64(request.encode()),
        "timestampS": stamp,
    }


def verdict(log):
    try:
        return {"kind": "accepted", **examine(log)}
    except (ValueError, KeyError, TypeError) as error:
        return {"kind": "refused", "why": str(error)}


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    if sys.argv[1] == "examine":
        print(json.dumps([verdict(log) for log in json.load(sys.stdin)]))
    else:
        print(json.dumps([make(int(size), int(size)) for size in sys.argv[2:]]))
