"""A softmax kernel for `plumb fuzz softmax --engine "python3 engine.py"`; the standard library is all it needs."""
import json, math, struct, sys

def read(stream):
    head = stream.read(8)
    if len(head) < 8:
        sys.exit()
    blob = stream.read(struct.unpack("<Q", head)[0])
    size = struct.unpack("<Q", blob[:8])[0]
    header, data = json.loads(blob[8:8 + size]), blob[8 + size:]
    metadata = header.pop("__metadata__")  # layer, case, attribute.NAME
    place = lambda entry: slice(*entry["data_offsets"])
    return metadata, {name: (e["shape"], struct.unpack(f"<{math.prod(e['shape'])}f", data[place(e)]))
                      for name, e in header.items()}

def write(stream, shape, values):
    header = json.dumps({"y": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * len(values)]}}).encode()
    blob = struct.pack("<Q", len(header)) + header + struct.pack(f"<{len(values)}f", *values)
    stream.write(struct.pack("<Q", len(blob)) + blob)
    stream.flush()

def softmax(row):
    powers = [math.exp(x - max(row)) for x in row]
    return [power / sum(powers) for power in powers]

while True:
    metadata, tensors = read(sys.stdin.buffer)
    (rows, columns), x = tensors["x"]
    write(sys.stdout.buffer, [rows, columns], [y for r in range(rows) for y in softmax(x[r * columns:][:columns])])
