"""Fails if a public symbol of the given symbol graphs has no comment of its own."""
import json
import sys

missing = []
for path in sys.argv[1:]:
    with open(path) as file:
        graph = json.load(file)
    # Requirements of another module's protocol (==, hash, init(from:)) are documented there.
    elsewhere = {
        relation["source"]
        for relation in graph["relationships"]
        if relation.get("sourceOrigin")
    }
    for symbol in graph["symbols"]:
        identifier = symbol["identifier"]["precise"]
        if "docComment" in symbol or identifier in elsewhere or "::SYNTHESIZED::" in identifier:
            continue
        place = symbol.get("location", {})
        missing.append(
            ".".join(symbol["pathComponents"])
            + f" ({symbol['kind']['identifier']}, {place.get('uri', '?').split('/Sources/')[-1]}"
            + f":{place.get('position', {}).get('line', -1) + 1})"
        )
for name in sorted(missing):
    print(f"error: {name} is public and has no comment", file=sys.stderr)
sys.exit(1 if missing else 0)
